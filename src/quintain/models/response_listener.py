"""Somebody who waits for a response and does not hear the reasoning before it."""

from quintain.models.calls import Listener
from quintain.models.reasoning_style import ReasoningStyle
from quintain.records import Completion


class ResponseListener:
    """Passes on what a model writes once its reasoning is over.

    Args:
        listener: Who waits.
        style: Marks of the model's reasoning.
    """

    def __init__(self, listener: Listener, style: ReasoningStyle) -> None:
        self._listener = listener
        opening, closing = style.tags or ("", "")
        self._opening, self._closing = opening, style.response_mark or closing
        self._reasons = style.opened
        self._responds = not style.tags
        self._held = ""
        self._waits_for_words = False

    @property
    def gone(self) -> bool:
        """True when nobody waits any more."""
        return self._listener.gone

    def hear(self, text: str) -> None:
        """Take the next piece of the completion."""
        if not self._responds:
            text = self._behind_reasoning(text)
        if self._waits_for_words:
            text = text.lstrip()
            self._waits_for_words = not text
        if text:
            self._listener.hear(text)

    def end(self, completion: Completion) -> None:
        """Take the whole completion."""
        self._listener.end(completion)

    def _behind_reasoning(self, text: str) -> str:
        self._held += text
        begun = self._held.lstrip()
        if not self._reasons:
            for mark in (self._opening, self._closing):
                if begun.startswith(mark):
                    self._reasons = True
                elif mark.startswith(begun):
                    return ""
        if not self._reasons:
            self._responds = True
            return self._held
        before, mark, behind = self._held.partition(self._closing)
        if not mark:
            self._held = before[-len(self._closing) :]  # the mark may have begun
            return ""
        self._responds = self._waits_for_words = True
        return behind
