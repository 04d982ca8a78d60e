"""Behaviour of a chat template, found by rendering small chats with it."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jinja2 import TemplateError

from quintain.models.importing.reasoning_tags import reasoning_tags

Render = Callable[[str, Sequence[Mapping[str, str]], bool, Mapping[str, Any]], str]
"""Render a template with messages, with or without the generation prompt, and with further variables."""

SystemTurn = Literal["own turn", "merged into the user turn", "refused", "left out"]

# Words that no template holds, so that they are found again in what it renders.
_SYSTEM = "Speak like the gardener of Quince Hall."
_FIRST = "Tell me of the walled garden."
_SECOND = "Tell me of the glasshouse."
_RESPONSE = "Pears grow on the south wall."
_LATER = "Lemons stand in it all winter."

_SWITCHES = ("enable_thinking", "thinking")
_DATE = re.compile(r"\b\d{1,2} (?:[A-Z][a-z]{2,8}) \d{4}\b|\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}\b|\b\d{4}-\d\d-\d\d\b")
# Stands in for the clock that transformers offers to templates; a macro of the template hides it.
_CLOCK = "{{%- macro strftime_now(format) -%}}{day}{{%- endmacro -%}}"
# A template is a program of somebody else: what it can raise beside a refusal of its own.
_FAULTS = (TemplateError, TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, kw_only=True)
class TemplateBehaviour:
    """Behaviour of a chat template."""

    system: SystemTurn
    """Place of a system turn."""
    preamble: str
    """Text that it writes before the first turn without being asked, such as a system turn of its own."""
    takes_history: bool
    """True when it takes a chat of several turns."""
    begins_with_bos: int
    """How often a chat begins with the beginning-of-sequence token; 1 is right for a model that was trained with it."""
    stable_prefix: bool
    """True when a prompt stands unchanged before its response, so that the response can be told from it."""
    keeps_history: bool
    """True when a later turn leaves the earlier ones as they were rendered."""
    keeps_text: bool
    """True when a response is rendered word for word, one that talks about a reasoning tag included."""
    before_response: str
    """Text that it writes between the generation prompt and a response, such as an empty reasoning trace."""
    response_end: str
    """Text that it writes behind a response."""
    end_mark: str
    """The special token that this text begins with; empty: a student cannot learn from this template to stop."""
    date: str
    """A date that it writes: `today` when it changes from day to day, else the date; empty: none."""
    reasoning_tags: tuple[str, str] | None
    """Opening and closing tag of reasoning that it knows."""
    opens_reasoning: bool
    """True when the generation prompt opens reasoning, so that a completion has a closing tag alone."""
    reasoning_switch: str
    """Variable that switches reasoning on and off; empty: none."""


def probe_template(template: str, render: Render, bos: str, special_tokens: Collection[str]) -> TemplateBehaviour:
    """Find out how a chat template behaves.

    Args:
        template: Its source.
        render: Renders it as generation and training will; raises TemplateError where the template refuses.
        bos: The beginning-of-sequence token; empty: the tokenizer has none.
        special_tokens: All special tokens of the tokenizer.

    Returns:
        What it does.

    Raises:
        ValueError: It does not take a chat of one user turn, or leaves the turn or the response out.
    """
    chats = _Chats(template, render)
    first, second, response, later = _user(_FIRST), _user(_SECOND), _assistant(_RESPONSE), _assistant(_LATER)
    try:
        prompt = chats.text([first], generation=True)
        whole = chats.text([first, response])
    except _FAULTS as error:
        raise ValueError(f"the chat template does not take a question and its response: {error}") from error
    for turn, rendered in ((_FIRST, prompt), (_FIRST, whole), (_RESPONSE, whole)):
        if turn not in rendered:
            raise ValueError(f"the chat template leaves a turn out: {turn!r} is not in {rendered!r}")
    response_end = whole[whole.rindex(_RESPONSE) + len(_RESPONSE) :]
    earlier = chats.text_or_none([first, response])
    longer = chats.text_or_none([first, response, second], generation=True)
    longer_whole = chats.text_or_none([first, response, second, later])
    head = _without_leading(prompt[: prompt.index(_FIRST)], bos)
    opening = _opening(head, longer)
    tags = reasoning_tags(template)
    tail = prompt[prompt.rindex(_FIRST) + len(_FIRST) :]
    return TemplateBehaviour(
        system=_system_turn(chats, opening),
        preamble=_preamble(prompt[: prompt.index(_FIRST)], opening, bos),
        takes_history=longer is not None,
        begins_with_bos=_leading(whole, bos),
        stable_prefix=whole.startswith(prompt)
        and (longer is None or longer_whole is None or longer_whole.startswith(longer)),
        keeps_history=longer is not None and earlier is not None and longer.startswith(earlier.rstrip()),
        keeps_text=_keeps_text(chats, tags),
        before_response=whole[len(prompt) : whole.rindex(_RESPONSE)] if whole.startswith(prompt) else "",
        response_end=response_end,
        end_mark=_first_token(response_end, special_tokens),
        date=_date(chats, template, whole),
        reasoning_tags=tags,
        opens_reasoning=tags is not None and tail.rfind(tags[0]) > tail.rfind(tags[1]),
        reasoning_switch=_switch(chats) if tags else "",
    )


class _Chats:
    """Renders chats with one template."""

    def __init__(self, template: str, render: Render) -> None:
        self.template = template
        self._render = render

    def text(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        generation: bool = False,
        before: str = "",
        variables: Mapping[str, Any] | None = None,
    ) -> str:
        return self._render(before + self.template, messages, generation, variables or {})

    def text_or_none(self, messages: Sequence[Mapping[str, str]], **how: Any) -> str | None:
        try:
            return self.text(messages, **how)
        except _FAULTS:
            return None


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def _opening(head: str, longer: str | None) -> str:
    """Marks of a user turn: what stands before the first question and before the second one alike."""
    if longer is None or _RESPONSE not in longer or _SECOND not in longer:
        return ""
    between = longer[longer.index(_RESPONSE) + len(_RESPONSE) : longer.rindex(_SECOND)]
    shared = 0
    while shared < min(len(head), len(between)) and head[-1 - shared] == between[-1 - shared]:
        shared += 1
    return head[len(head) - shared :]


def _preamble(head: str, opening: str, bos: str) -> str:
    preamble = head.removesuffix(opening)
    # Some families open every turn with the token that begins a sequence; it is a part of what it opens.
    return preamble if bos and bos in opening else _without_leading(preamble, bos)


def _system_turn(chats: _Chats, opening: str) -> SystemTurn:
    rendered = chats.text_or_none([{"role": "system", "content": _SYSTEM}, _user(_FIRST)], generation=True)
    if rendered is None or _FIRST not in rendered:
        return "refused"
    if _SYSTEM not in rendered:
        return "left out"
    between = rendered[rendered.index(_SYSTEM) + len(_SYSTEM) : rendered.index(_FIRST)]
    marks = opening.strip()
    return "own turn" if marks and marks in between else "merged into the user turn"


def _leading(text: str, token: str) -> int:
    count = 0
    while token and text.startswith(token, count * len(token)):
        count += 1
    return count


def _without_leading(text: str, token: str) -> str:
    return text[_leading(text, token) * len(token) :]


def _keeps_text(chats: _Chats, tags: tuple[str, str] | None) -> bool:
    about = f"Use {' and '.join(tags)} to mark it." if tags else _RESPONSE
    rendered = chats.text_or_none([_user(_FIRST), _assistant(about)])
    return rendered is not None and about in rendered


def _first_token(text: str, tokens: Collection[str]) -> str:
    """The longest special token that a text begins with, white space apart."""
    return max((token for token in tokens if token and text.lstrip().startswith(token)), key=len, default="")


def _date(chats: _Chats, template: str, whole: str) -> str:
    if "strftime_now" in template:
        days = [
            chats.text_or_none([_user(_FIRST), _assistant(_RESPONSE)], before=_CLOCK.format(day=day))
            for day in ("3 Jan 2001", "4 Feb 2002")
        ]
        if days[0] != days[1]:
            return "today"
    found = _DATE.search(whole)
    return found[0] if found else ""


def _switch(chats: _Chats) -> str:
    """The first variable whose two values render different prompts."""
    for name in _SWITCHES:
        if name not in chats.template:
            continue
        on, off = (
            chats.text_or_none([_user(_FIRST)], generation=True, variables={name: value}) for value in (True, False)
        )
        if on != off:
            return name
    return ""
