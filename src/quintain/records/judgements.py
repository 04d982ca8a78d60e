"""Judgements: the verdict on a response to an item, and who gave it."""

from dataclasses import dataclass

from quintain.records.record import Record

Satisfied = bool | None


@dataclass(frozen=True, kw_only=True)
class Judgement(Record):
    """The verdict on a response to one item of a benchmark: a yes or no per constraint, or a score.

    Raises:
        ValueError: The score is no share.
    """

    item_id: str
    """Id of the item."""
    example_id: str
    """Cluster of the item: what is drawn together where intervals are drawn."""
    category: str
    """Category of the item; empty where its benchmark has none."""
    level: int
    """Level of the item, from 1; always 1 where its benchmark has none."""
    satisfied: tuple[Satisfied, ...] = ()
    """One verdict per constraint: True, False, or None when unread or not scored; empty where a score is given."""
    loose: tuple[Satisfied, ...] = ()
    """The same verdicts on forgiving readings of the response; empty where the benchmark has one reading only."""
    score: float | None = None
    """How good the response is, in [0, 1], where it is graded and not checked constraint by constraint."""
    base_task: Satisfied = None
    """Whether the base task was done at all; None when the benchmark does not check it."""
    by: str
    """Who said so: `rule:<rule set>`, `judge:<model>`, or `unscored:<why>` when nobody could. Read it through the
    properties."""
    response: str = ""
    """The response that was judged."""
    evidence: tuple[tuple[tuple[int, int], ...], ...] = ()
    """Per constraint the stretches of `response` that decided it, as character offsets [start, end); empty where the
    check points at nothing."""
    raw: str = ""
    """What the judge said, read or not; empty when rules judged."""

    def __post_init__(self) -> None:
        if self.score is not None and not 0 <= self.score <= 1:
            raise ValueError(f"item {self.item_id}: a score must be in [0, 1], got {self.score}")
        super().__post_init__()

    @property
    def is_scored(self) -> bool:
        """True where a rule or a judge looked at it, read or unread."""
        return bool(self.satisfied or self.score is not None) and not self.unscored_because

    @property
    def is_ruled(self) -> bool:
        """True where a rule scored it."""
        return self.by.startswith(_RULE)

    @property
    def judge(self) -> str:
        """Identity of the judge or judges; empty where none scored it."""
        return self.by.removeprefix(_JUDGE) if self.by.startswith(_JUDGE) else ""

    @property
    def unscored_because(self) -> str:
        """Reason why nobody scored it, such as `no-judge` or `error`; empty where somebody did."""
        return self.by.removeprefix(_UNSCORED) if self.by.startswith(_UNSCORED) else ""

    @property
    def needs_judge(self) -> bool:
        """True where it waits for a judge: no rule can tell."""
        return self.unscored_because == NO_JUDGE

    @property
    def hard(self) -> Satisfied:
        """True when every constraint and the base task hold or the score is full, None when that cannot be known."""
        if self.score is not None:
            return self.score == 1
        verdicts = self.satisfied if self.base_task is None else (*self.satisfied, self.base_task)
        if False in verdicts:
            return False
        return None if None in verdicts or not self.satisfied else True


NO_JUDGE = "no-judge"
"""Why a response is left unscored that only a judge can tell."""
_RULE, _JUDGE, _UNSCORED = "rule:", "judge:", "unscored:"


def by_rules(name: str) -> str:
    """Say in `Judgement.by` that a rule set judged."""
    return f"{_RULE}{name}"


def by_judges(*identities: str) -> str:
    """Say in `Judgement.by` that one judge said so, or several by majority."""
    return _JUDGE + " + ".join(identities)


def by_nobody(why: str) -> str:
    """Say in `Judgement.by` why nobody judged, such as `no-judge`."""
    return f"{_UNSCORED}{why}"
