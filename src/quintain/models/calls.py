"""One call of a model that others may share: what is asked, how it is drawn, who listens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from quintain.models.language_model import Sampling
from quintain.records import Completion, Request


class Listener(Protocol):
    """Somebody who waits for a completion; called from the thread that generates."""

    @property
    def gone(self) -> bool:
        """True when nobody waits any more, so that the completion may end here."""
        ...

    def hear(self, text: str) -> None:
        """Take the next piece of the completion."""
        ...

    def end(self, completion: Completion) -> None:
        """Take the whole completion; nothing comes after it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request with a sampling of its own."""

    request: Request
    """What is asked."""
    sampling: Sampling
    """How its tokens are drawn."""
    stop: tuple[str, ...] = ()
    """Texts that end the completion and are not part of it."""
    listener: Listener | None = None
    """Who hears the completion as it grows; nobody when None."""


def before_stop(text: str, stop: Sequence[str], searched: int = 0) -> str | None:
    """The text before the first stop; None when it holds none.

    Args:
        text: The text.
        stop: The stops.
        searched: Characters at its beginning that are known to hold no stop.

    Returns:
        The text before the first stop, if any.

    >>> before_stop("one, two", ("two", "e"))
    'on'
    """
    places = [at for each in stop if (at := text.find(each, max(0, searched - len(each) + 1))) >= 0]
    return text[: min(places)] if places else None


def held_back(text: str, stop: Sequence[str]) -> int:
    """Characters at the end of a text that may be the beginning of a stop, so that nobody hears them yet.

    >>> held_back("one, a", ("and", ", or"))
    1
    """
    return max((_begun(text, each) for each in stop), default=0)


def _begun(text: str, stop: str) -> int:
    """Length of the longest end of a text that is the beginning of a stop, but not all of it."""
    end = text[max(0, len(text) - len(stop) + 1) :]
    at = end.find(stop[0])
    while at >= 0 and not stop.startswith(end[at:]):
        at = end.find(stop[0], at + 1)
    return len(end) - at if at >= 0 else 0
