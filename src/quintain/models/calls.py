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


def before_stop(text: str, stop: Sequence[str]) -> str | None:
    """The text before the first stop; None when it holds none.

    >>> before_stop("one, two", ("two", "e"))
    'on'
    """
    places = [at for each in stop if (at := text.find(each)) >= 0]
    return text[: min(places)] if places else None


def held_back(text: str, stop: Sequence[str]) -> int:
    """Characters at the end of a text that may be the beginning of a stop, so that nobody hears them yet.

    >>> held_back("one, a", ("and", ", or"))
    1
    """
    longest = max(map(len, stop), default=1) - 1
    return next(
        (length for length in range(min(longest, len(text)), 0, -1) if any(s.startswith(text[-length:]) for s in stop)),
        0,
    )
