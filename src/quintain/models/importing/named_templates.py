"""Chat templates by name, for base models that come without one."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from quintain.errors import ModelError

# `BOS` and `END` become string literals of the model's own tokens. A response is trimmed: a line break that the model
# puts first would melt into the mark before it in many vocabularies, and the prompt would no longer stand unchanged.
_CHATML = """\
{{- BOS }}
{%- for message in messages %}
    {{- '<|im_start|>' + message['role'] + '\\n' }}
    {%- if message['role'] == 'assistant' %}
        {{- message['content'] | trim + END + '\\n' }}
    {%- else %}
        {{- message['content'] + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

_LLAMA3 = """\
{{- BOS }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim }}
    {{- END if message['role'] == 'assistant' else '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

# The prompt format of Stanford Alpaca, which models trained on its data expect to the letter.
_ALPACA = """\
{{- BOS }}
{%- if messages[0]['role'] != 'system' %}
    {{- 'Below is an instruction that describes a task. Write a response that appropriately completes the request.' }}
    {{- '\\n\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message['role'] == 'system' %}
        {{- message['content'] | trim + '\\n\\n' }}
    {%- elif message['role'] == 'user' %}
        {{- '### Instruction:\\n' + message['content'] | trim + '\\n\\n' }}
    {%- else %}
        {{- '### Response:\\n' + message['content'] | trim + END }}
        {{- '' if loop.last else '\\n\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '### Response:\\n' }}
{%- endif %}
"""

_PLAIN = """\
{{- BOS }}
{%- for message in messages %}
    {%- if message['role'] == 'system' %}
        {{- message['content'] | trim + '\\n\\n' }}
    {%- elif message['role'] == 'user' %}
        {{- 'User:\\n' + message['content'] | trim + '\\n\\n' }}
    {%- else %}
        {{- 'Assistant:\\n' + message['content'] | trim + END }}
        {{- '' if loop.last else '\\n\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- 'Assistant:\\n' }}
{%- endif %}
"""


@dataclass(frozen=True)
class NamedTemplate:
    """A chat template that is written for the tokens of a vocabulary."""

    source: str
    """Jinja, with BOS and END in place of the tokens."""
    marks: tuple[str, ...] = ()
    """Special tokens that it is meant to be written with."""
    end: str = ""
    """The one among them that ends a response; empty: the end-of-sequence token does."""


NAMED = {
    "chatml": NamedTemplate(_CHATML, ("<|im_start|>", "<|im_end|>"), "<|im_end|>"),
    "llama3": NamedTemplate(_LLAMA3, ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"), "<|eot_id|>"),
    "alpaca": NamedTemplate(_ALPACA),
    "plain": NamedTemplate(_PLAIN),
}


def written_for(template: NamedTemplate, is_token: Callable[[str], bool], bos: str, eos: str) -> str:
    """Write a named template for a vocabulary.

    Marks that are no tokens of it stand in the template as they are, and are read as plain text. A response must end
    with one token all the same, or generation would not know it: the end-of-sequence token, where the template's own
    end is no token.

    Args:
        template: The template.
        is_token: True for a text that the vocabulary has as one token.
        bos: Token that a chat begins with; empty: none.
        eos: The tokenizer's end-of-sequence token; empty: it has none.

    Returns:
        Jinja.

    Raises:
        ModelError: No token can end a response.
    """
    end = template.end if template.end and is_token(template.end) else eos
    if not end:
        raise ModelError(
            "no token of the vocabulary can end a response: the tokenizer has no end-of-sequence token; name "
            "`eos_token` in its tokenizer_config.json"
            + (", or add the template's own with --add-tokens" if template.end else "")
        )
    return template.source.replace("BOS", _literal(bos)).replace("END", _literal(end))


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
