"""Chat templates of many kinds: all that come with TRL, and some of our own, with a tokenizer that knows their marks."""

import functools
import re
from importlib.resources import files

from tests.chat_tokenizers import MISTRAL_TEMPLATE, byte_level, template

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
def tokenizer_for(name: str):
    """A byte-level tokenizer with the marks of a template; a response ends with the mark behind it, else with `</s>`."""
    source = OWN.get(name) or template(name)
    marks = [*dict.fromkeys(_MARK.findall(source)), "<|user|>", "<|assistant|>", "<|system|>", "<|bot|>"]
    ends = [end for end in ("<|im_end|>", "<|eot_id|>", "<｜end▁of▁sentence｜>", "<end_of_turn>", "<turn|>", "<|return|>",
                            "<|END_OF_TURN_TOKEN|>", "<|eot|>", "<end_of_utterance>", "<|end|>") if end in source]  # fmt: skip
    end = ends[0] if ends else "</s>"
    special = [*dict.fromkeys(["<s>", "</s>", end, *(mark for mark in marks if "think" not in mark.lower())])]
    made = byte_level(special, source, bos="<s>", eos=end)
    made.add_tokens([mark for mark in marks if "think" in mark.lower()])
    return made
