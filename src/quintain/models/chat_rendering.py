"""Chats rendered with a tokenizer's own template: the same text on every day, whatever turns the template takes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from quintain.models.importing.chosen_template import own_template
from quintain.models.system_turns import Turn, merge_system

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PINNED_DAY = datetime(2024, 7, 26, tzinfo=UTC)
"""Today, in every template: or rows and completions would change overnight. Llama's own where there is no clock."""
# What a template can raise beside a refusal of its own: it is a program of somebody else.
_FAULTS = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)

# Words that no template holds, so that they are found again in what it renders.
_SYSTEM = "Speak like the gardener of Quince Hall."
_ASKED = "Tell me of the walled garden."


_DIRECTIVES = "aAbBcdDeFHIjmMpSuUVwWxXyYZ"
# Hides the clock that transformers offers to templates, which takes no other one. The expression at its end keeps the
# engine from taking the template's first line break for one of its own.
_CLOCK = "{{%- macro strftime_now(format) -%}}{{{{ format{replaced} }}}}{{%- endmacro %}}{{{{ '' }}}}"


def on_pinned_day(template: str) -> str:
    """A chat template for which it is the same day for ever.

    Args:
        template: Its source.

    Returns:
        The same, but for the function that tells the date.
    """
    if "strftime_now" not in template:
        return template
    codes = [f"%{flag}{letter}" for letter in _DIRECTIVES for flag in ("", "-")]
    told = {code: PINNED_DAY.strftime(code) for code in codes}
    replaced = "".join(f" | replace({code!r}, {text!r})" for code, text in told.items())
    return _CLOCK.format(replaced=replaced) + template


class ChatRenderer:
    """Renders chats with a template as generation and training alike need them.

    A system turn that the template refuses or leaves out is put at the head of the first user turn; a template that
    takes content in parts, as those of models that see do, gets it so; and a template that asks for the date is always
    told the same one.

    Args:
        tokenizer: Tokenizer with a chat template.

    Raises:
        ModelError: It has several templates, and none for chats without tools.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self._tokenizer = tokenizer
        self.template = own_template(tokenizer)
        self._pinned = on_pinned_day(self.template)

    def render(self, turns: Sequence[Turn], *, add_generation_prompt: bool = False) -> str:
        """Render a chat.

        Args:
            turns: Turns with `role` and `content`.
            add_generation_prompt: Whether the template opens the assistant's next turn.

        Returns:
            The text.

        Raises:
            TemplateError: The template refuses the chat, or fails over it.
        """
        if any(turn["role"] == "system" for turn in turns) and not self.takes_system:
            turns = merge_system(turns)
        return self._render(turns, add_generation_prompt, in_parts=self._wants_parts)

    @cached_property
    def takes_system(self) -> bool:
        """True when the template renders a system turn."""
        chat = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": _ASKED}]
        try:
            rendered = self._render(chat, True, in_parts=self._wants_parts)
        except TemplateError:
            return False
        return _SYSTEM in rendered and _ASKED in rendered

    @cached_property
    def _wants_parts(self) -> bool:
        """True when the template renders content as a list of parts alone."""
        for in_parts in (False, True):
            try:
                if _ASKED in self._render([{"role": "user", "content": _ASKED}], True, in_parts=in_parts):
                    return in_parts
            except TemplateError:
                continue
        return False

    def _render(self, turns: Sequence[Turn], add_generation_prompt: bool, *, in_parts: bool) -> str:
        chat: list[dict[str, Any]] = [dict(turn) for turn in turns]
        if in_parts:
            chat = [turn | {"content": [{"type": "text", "text": turn["content"]}]} for turn in chat]
        try:
            rendered = self._tokenizer.apply_chat_template(
                chat, chat_template=self._pinned, add_generation_prompt=add_generation_prompt, tokenize=False
            )
        except _FAULTS as error:
            raise TemplateError(f"{type(error).__name__}: {error}") from error
        return str(rendered)
