"""The seam between benchmarks and everything that runs them: items, a request per item, a judgement per response."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Protocol

from quintain.benchmarks.scorecard import BenchmarkIdentity, Cell, Estimate
from quintain.errors import RecordError
from quintain.prompts import request
from quintain.records import Judgement, Proof, Record, Request, Satisfied, by_nobody, by_rules, content_id
from quintain.records.record import UNHASHED_WHEN_EMPTY
from quintain.statistics.resampling import Resampling
from quintain.text.traces import strip_trace


class BenchmarkItem(Protocol):
    """One thing that a benchmark asks: an `Item`, or a record of its own with these properties."""

    @property
    def id(self) -> str:
        """Hash of the content."""

    @property
    def cluster(self) -> str:
        """Items of a category with the same cluster stand or fall together; they are drawn together for intervals."""

    @property
    def category(self) -> str:
        """Part that is reported apart; empty where the benchmark has no categories."""

    @property
    def level(self) -> int:
        """Step of difficulty, from 1; 1 for all items where the benchmark has no levels."""

    @property
    def prompt(self) -> str:
        """The question."""


@dataclass(frozen=True, kw_only=True)
class Item(Record):
    """An item of a benchmark that needs no record of its own.

    Raises:
        ValueError: The prompt is empty, or the level is below 1.
    """

    prompt: str
    """What the model is asked."""
    target: Any = ""
    """What `judge` compares a response with; JSON-able, its form is the benchmark's."""
    category: str = ""
    """What is reported apart, such as a subject; empty: the benchmark has no categories."""
    level: int = 1
    """Step of difficulty, from 1."""
    cluster: str = ""
    """Items of a category with the same cluster stand or fall together, such as questions about one text; its own id
    where it stands alone."""
    key: int | str = field(default="", metadata=UNHASHED_WHEN_EMPTY)
    """Key of the item in its file, by which outputs made elsewhere may name it; empty where it has none."""

    def __post_init__(self) -> None:
        if not self.prompt.strip() or self.level < 1:
            raise ValueError(f"an item needs a prompt and a level from 1, got {self.prompt[:60]!r} at {self.level}")
        super().__post_init__()
        object.__setattr__(self, "cluster", self.cluster or self.id)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Measures and tables that the judgements of one model come to."""

    measures: dict[str, Estimate]
    """Over all items; the first is the headline."""
    tables: tuple[Cell, ...] = ()
    """By category, by level, and by both."""
    published: dict[str, Any] = field(default_factory=dict)
    """The authors' own arithmetic, where it differs."""


class Benchmark(ABC):
    """A set of items that models are measured on.

    A subclass has a `name`, builds or reads its items in `load_items`, and judges a response in `judge`; the rest has
    defaults. Settings of its entry in the catalog are the arguments of its `__init__`. Another package offers its own
    through an entry point of the group `quintain.benchmarks`.

    >>> class Sums(Benchmark):
    ...     name = "sums"
    ...
    ...     def load_items(self):
    ...         return [Item(prompt=f"What is 2 + {n}?", target=str(2 + n)) for n in range(9)]
    ...
    ...     def judge(self, item, response):
    ...         return self.judged(item, response, score=float(item.target in response.split()))
    >>> sums = Sums()
    >>> sums.judge(sums.items[3], "It is 5").score
    1.0
    """

    name: str = ""
    """Name of the benchmark; an object's is the one in lifecycle.yml, in file names and in reports."""
    rules: str = ""
    """Name and version of the checks, to be changed with every verdict that changes; the class's name where empty."""
    language: str = "en"
    """ISO 639-1 code of the prompts."""
    travels: ClassVar[bool] = True
    """Whether the prompts may stand on pages that are sent on; False for what is only read where it lies."""

    under_edits: bool = True
    """Whether a student with an edit memory is asked under it; False where the checks hold the facts to be as they were
    before the edits, so that a right response would be judged wrong."""

    @abstractmethod
    def load_items(self) -> Iterable[Any]:
        """Build or read the items, such as `Item` records."""

    @abstractmethod
    def judge(self, item: Any, response: str) -> Judgement:
        """Judge one response.

        Args:
            item: One of the items.
            response: What the model said, as `read` gives it.

        Returns:
            What `judged` makes of verdicts or a score; `unscored` where nobody can tell.
        """

    @cached_property
    def items(self) -> tuple[Any, ...]:
        """The items, in order.

        Raises:
            RecordError: There is none, or two are equal.
        """
        items = tuple(self.load_items())
        if not items:
            raise RecordError(
                f"benchmark {self.name!r} has no items; see its settings in the catalog ({self.name}.items@benchmark)"
            )
        if len({item.id for item in items}) < len(items):
            raise RecordError(f"benchmark {self.name!r} asks the same twice: two of its {len(items)} items are equal")
        return items

    @property
    def identity(self) -> BenchmarkIdentity:
        """Identity that two scorecards must share to be compared."""
        return BenchmarkIdentity(name=self.name, digest=self.digest, rules=self._rules, language=self.language)

    @cached_property
    def digest(self) -> str:
        """Hash of the items to 16 hexadecimal digits, whatever their order."""
        return items_digest(self.items)

    @property
    def _rules(self) -> str:
        return self.rules or type(self).name  # not the name in lifecycle.yml: the checks are the class's

    def ask(self, item: Any) -> Request:
        """Ask a model one item: its prompt, as a user would write it."""
        return request("student/instruction", {"instruction": item.prompt})

    def candidates(self, item: Any) -> Sequence[tuple[Request, str]]:
        """Given responses whose likelihoods are asked in place of a response of the model's own.

        Args:
            item: One of the items.

        Returns:
            What is asked, and a response to it, for each; none where the model writes. `judge` is then given the
            likelihoods as JSON: `[nats, greedy]` per candidate, in order.
        """
        return ()

    def pairwise_judging(self) -> Any:
        """Module that lets judges prefer one of two responses, for a benchmark that is scored so; None for others."""
        return None

    def read(self, completion: str) -> str:
        """Take from a completion what is judged: all but the reasoning."""
        return strip_trace(completion)

    def judged(
        self,
        item: BenchmarkItem,
        response: str,
        *,
        satisfied: Sequence[Satisfied] = (),
        loose: Sequence[Satisfied] = (),
        score: float | None = None,
    ) -> Judgement:
        """Make the judgement of a response by this benchmark's own rules.

        Args:
            item: What was asked.
            response: What the model said.
            satisfied: One verdict per constraint, None where one could not be told.
            loose: The same on forgiving readings of the response, where the benchmark has them.
            score: How good the response is, in [0, 1], instead of verdicts.

        Returns:
            The judgement.
        """
        return Judgement(
            item_id=item.id,
            example_id=item.cluster,
            category=item.category,
            level=item.level,
            satisfied=tuple(satisfied),
            loose=tuple(loose),
            score=score,
            by=by_rules(self._rules),
            response=response,
        )

    def unscored(self, item: BenchmarkItem, response: str, why: str) -> Judgement:
        """Leave a response without a verdict, such as `no-judge`: it is in no rate, and never zero."""
        return Judgement(
            item_id=item.id,
            example_id=item.cluster,
            category=item.category,
            level=item.level,
            satisfied=(None,) * self.n_constraints(item),
            by=by_nobody(why),
            response=response,
        )

    def n_constraints(self, item: Any) -> int:
        """Verdicts on an item; 0 where it is scored."""
        return 0

    def impossible(self, item: Any) -> str:
        """Say why no response can satisfy an item; empty where one can."""
        return ""

    def proofs(self, per_category: int, seed: int) -> Sequence[Proof]:
        """Write responses whose verdicts are known, to try judges on; none where nobody needs a judge."""
        return ()

    def measure(self, judgements: Sequence[Judgement], resampling: Resampling) -> Measured:
        """Turn judgements into measures, headline first.

        Args:
            judgements: One per item.
            resampling: How the intervals are drawn.

        Returns:
            `score`, the mean over the categories of their mean score, where a response scores 1 when all its
            constraints hold; by category and by level where there are several.
        """
        from quintain.benchmarks.satisfaction.measuring import measure_scores

        return measure_scores(judgements, resampling)


def items_digest(items: Iterable[BenchmarkItem]) -> str:
    """Hash items to 16 hexadecimal digits, the same whatever their order."""
    return content_id(*sorted(item.id for item in items))
