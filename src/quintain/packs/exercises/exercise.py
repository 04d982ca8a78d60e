"""One training item, whether it was drawn or read back from its instruction."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from quintain.packs.checks import base_task_done, check
from quintain.packs.stock import Topic
from quintain.records import Rule

_TRIES = 20


@dataclass(frozen=True, eq=False)
class Exercise:
    """An instruction with its checks, and everything that answers it."""

    instruction: str
    """The user turn."""
    rules: tuple[Rule, ...]
    """One per constraint."""
    target: str
    """What must be done before any rule, as JSON for `base_task_done`."""
    write: Callable[[random.Random], str | None]
    """Writes what may be a response; it is proved before anybody sees it."""
    vary: Callable[[random.Random], "Exercise | None"]
    """Draws another exercise of the same family: the same kinds of rules, other values, another subject."""
    topic: Topic | None = None
    """Subject of a text, an object or a table; None where the answer follows from the instruction."""

    @property
    def level(self) -> int:
        """Number of its constraints."""
        return len(self.rules)

    def verdicts(self, response: str) -> list[bool]:
        """Verdict on each rule, whatever the base task."""
        return [check(rule, response).holds for rule in self.rules]

    def does_task(self, response: str) -> bool:
        """True where a response does the base task."""
        return base_task_done(response, self.target)

    def passes(self, response: str) -> bool:
        """True where a response does the base task and obeys every rule."""
        return self.does_task(response) and all(self.verdicts(response))

    def respond(self, rng: random.Random) -> str | None:
        """Write a response that passes; None where none of twenty tries does."""
        texts = (self.write(rng) for _ in range(_TRIES))
        return next((text for text in texts if text is not None and self.passes(text)), None)
