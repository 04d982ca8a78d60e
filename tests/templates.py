"""Chat templates of many kinds: all that come with TRL, and some of our own, with tokenizers that know their marks."""

import functools
import re
from importlib.resources import files

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from tests.chat_tokenizers import MISTRAL_TEMPLATE, byte_level, template

ENDS = (
    "<|im_end|>", "<|eot_id|>", "<｜end▁of▁sentence｜>", "<end_of_turn>", "<turn|>", "<|return|>",
    "<|END_OF_TURN_TOKEN|>", "<|eot|>", "<end_of_utterance>", "<|end|>",
)  # fmt: skip
"""Marks with which families end a response."""

_MARK = re.compile(r"<[|｜][^<>|｜'\"{}\s]{1,40}[|｜]>|</?(?:think|s|bos|eos|sop)>|\[/?(?:INST|THINK|gMASK)\]|"
                   r"<(?:start|end)_of_\w+>|<\|?turn\|?>|<\|?channel\|?>")  # fmt: skip
"""Texts in a template that its family has as tokens."""

OWN = {
    "changes the opening of a turn": (
        "{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}{% else %}<|bot|>{{ m.content }}<|end|>"
        "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "opens reasoning in the prompt alone": (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content.split('</think>')[-1] }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|><think>\n{% endif %}"
    ),
    "says when the last turn is a response": (
        "{{ 'whole' if messages[-1].role == 'assistant' else 'asked' }}"
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "writes no end": (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "ends a response only when another turn follows": (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% if not loop.last %}<|end|>{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<|end|><|assistant|>{% endif %}"
    ),
    "tells the date": (
        "<|system|>Today is {{ strftime_now('%d %b %Y') }}.<|end|>"
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "refuses a system turn": (
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "leaves a system turn out": (
        "{% for m in messages if m.role != 'system' %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "mistral": MISTRAL_TEMPLATE,
    "trims": (
        "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content | trim }}\n<|end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
    ),
}


def names() -> list[str]:
    """All templates."""
    shipped = (files("trl") / "chat_templates").iterdir()
    return sorted(each.name.removesuffix(".jinja") for each in shipped if each.name.endswith(".jinja")) + sorted(OWN)


@functools.cache
def _core() -> str:
    return byte_level(["<s>"], "{{ messages }}", bos="<s>").backend_tokenizer.to_str()


@functools.cache
def tokenizer_for(name: str) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer with the marks of a template; `</s>` ends a response where the template has no end."""
    source = OWN.get(name) or template(name)
    found = dict.fromkeys(_MARK.findall(source))
    end = next((end for end in ENDS if end in source), "</s>")
    reasoning = [mark for mark in found if "think" in mark.lower()]
    special = dict.fromkeys(["</s>", end, "<|user|>", "<|assistant|>", "<|system|>", "<|bot|>", *found])
    made = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(_core()), chat_template=source, bos_token="<s>", eos_token=end,  # noqa: S106
        additional_special_tokens=[mark for mark in special if mark not in reasoning and mark != end],
        clean_up_tokenization_spaces=False,
    )  # fmt: skip
    made.add_tokens(reasoning)  # as Qwen has them: tokens of their own, and no special ones
    return made
