"""Chats rendered with a tokenizer's own template: the same text on every day, whatever turns the template takes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

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


class ChatRenderer:
    """Renders chats with a template as generation and training alike need them.

    A system turn that the template refuses or leaves out is put at the head of the first user turn; a template that
    takes content in parts, as those of models that see do, gets it so; and a template that asks for the date is always
    told the same one.

    Args:
        tokenizer: Tokenizer with a chat template.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self._tokenizer = tokenizer

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
                chat, tokenize=False, add_generation_prompt=add_generation_prompt, strftime_now=PINNED_DAY.strftime
            )
        except _FAULTS as error:
            raise TemplateError(f"{type(error).__name__}: {error}") from error
        return str(rendered)
