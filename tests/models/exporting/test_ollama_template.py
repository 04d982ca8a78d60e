"""Chat templates in Ollama's language render chats as the model's own template does, or are refused."""

import contextlib
import re
from pathlib import Path

import pytest
import trl
from jinja2 import TemplateError
from transformers.utils.chat_template_utils import render_jinja_template

from quintain.errors import ModelError
from quintain.models.exporting.ollama_template import find_template

BOS, EOS = "<bos>", "<eos>"
SHIPPED = {path.stem: path for path in (Path(trl.__file__).parent / "chat_templates").glob("*.jinja")}
SAID = ("qwen2_5", "llama3", "gemma", "phi3", "cohere")
"""Families whose template must be said."""
USER, SYSTEM = {"role": "user", "content": "Hi {{ there }}"}, {"role": "system", "content": "Be kind."}
CHATS = [
    [USER],
    [SYSTEM, USER],
    [USER, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "a\nb"}],
    [SYSTEM, USER, {"role": "assistant", "content": "Yes."}, USER, {"role": "assistant", "content": "No."}, USER],
]


def renderer(template):
    def render(turns, opened):
        try:
            rendered, _ = render_jinja_template(
                [list(turns)], chat_template=template, add_generation_prompt=opened, bos_token=BOS, eos_token=EOS
            )
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            raise TemplateError(str(error)) from error
        return rendered[0]

    return render


def takes_system(render):
    try:
        return SYSTEM["content"] in render([SYSTEM, USER], True)
    except TemplateError:
        return False


def gone(template, turns):
    """A chat as Go's template package would write it; knows no more of it than is used here."""
    tokens = [one for one in re.split(r"(\{\{ .*? \}\})", template) if one]
    system = any(turn["role"] == "system" for turn in turns)

    def block(at, turn, wanted):
        """Text from a place on until the end of the block, and where that is; `wanted`: whether it is shown."""
        said = []
        while at < len(tokens):
            token = tokens[at]
            command = token[3:-3] if token.startswith("{{ ") else None
            if command is None:
                said.append(token)
            elif command == '"{{"':
                said.append("{{")
            elif command == ".Content":
                said.append(turn["content"])
            elif command == "if not .System":
                text, at = block(at + 1, turn, wanted)
                said.append("" if system else text)
            elif command == "range .Messages":
                for each in turns:
                    text, end = block(at + 1, each, wanted)
                    said.append(text)
                at = end
            elif command.startswith("if eq .Role "):
                shown, found = "", False
                while True:
                    mine = not found and turn is not None and command.endswith(f'"{turn["role"]}"')
                    text, at = block(at + 1, turn, wanted)
                    if mine:
                        shown, found = text, True
                    command = tokens[at][3:-3]
                    if command == "end":
                        break
                said.append(shown)
            elif command == "end" or command.startswith("else if"):
                return "".join(said), at
            at += 1
        return "".join(said), at

    return block(0, None, wanted=True)[0]


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_template_is_rendered_as_it_is_or_refused(name):
    render = renderer(SHIPPED[name].read_text(encoding="utf-8"))
    knows = takes_system(render)
    refused = contextlib.suppress(ModelError) if name not in SAID else contextlib.nullcontext()
    for bos in (BOS, ""):
        with refused:
            found = find_template(render, bos, takes_system=knows)
            for chat in CHATS:
                if knows or SYSTEM not in chat:
                    assert gone(found.go(), chat) == render(chat, True).removeprefix(bos)


OWN_SYSTEM = (
    "{% if messages[0].role != 'system' %}<s>system\nBe brief.<e>\n{% endif %}"
    "{% for m in messages %}<s>{{ m.role }}\n{{ m.content }}<e>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)


def test_a_system_turn_of_the_templates_own_stands_where_a_chat_has_none():
    """SmolLM2's and Qwen2.5's way."""
    found = find_template(renderer(OWN_SYSTEM), "", takes_system=True)
    assert found.head == "<s>system\nBe brief.<e>\n"
    assert found.go() == (
        "{{ if not .System }}<s>system\nBe brief.<e>\n{{ end }}{{ range .Messages }}"
        '{{ if eq .Role "system" }}<s>system\n{{ .Content }}<e>\n'
        '{{ else if eq .Role "user" }}<s>user\n{{ .Content }}<e>\n'
        '{{ else if eq .Role "assistant" }}<s>assistant\n{{ .Content }}<e>\n{{ end }}{{ end }}<s>assistant\n'
    )


def test_a_system_turn_that_the_template_does_not_know_is_shown_as_the_users():
    template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>"
    found = find_template(renderer(template.replace("<assistant>", "<bot>")), "", takes_system=False)
    assert found.around["system"] == found.around["user"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages | length }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<bot>",
        "{% for m in messages %}<{{ m.role }}>{{ m.content | upper }}{% endfor %}<bot>",
        "{{ raise_exception('no') }}",
        "{% for m in messages[-1:] %}<{{ m.role }}>{{ m.content }}{% endfor %}<bot>",
    ],
)
def test_what_is_not_turn_by_turn_is_refused(template):
    with pytest.raises(ModelError, match="cannot be put into Ollama's language"):
        find_template(renderer(template), "", takes_system=False)


def test_braces_in_a_template_are_text_in_go():
    found = find_template(
        renderer("{% for m in messages %}{{ '{{' }}{{ m.role }}}}{{ m.content }}{% endfor %}<bot>"), "",
        takes_system=False,
    )  # fmt: skip
    assert gone(found.go(), [USER]) == "{{user}}Hi {{ there }}<bot>"
