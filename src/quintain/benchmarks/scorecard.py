"""Scorecard: what one model scored on one benchmark, read by attributes and kept as JSON."""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from quintain.errors import RecordError
from quintain.records import content_id


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A measured value with its interval. Unread verdicts count as no.

    Raises:
        ValueError: The value, an end of its interval or its upper bound is not finite.
    """

    value: float | None
    """Point estimate; None where nothing was scored."""
    low: float | None = None
    """Lower end of the interval."""
    high: float | None = None
    """Upper end of the interval."""
    n: int = 0
    """Items behind it."""
    unread: int = 0
    """Items among them with a verdict that could not be read and matters."""
    upper: float | None = None
    """The value with every unread verdict read as yes; None where all were read."""

    def __post_init__(self) -> None:
        if not all(number is None or math.isfinite(number) for number in (self.value, self.low, self.high, self.upper)):
            raise ValueError(f"an estimate needs finite numbers or none, got {self.value} [{self.low}, {self.high}]")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """An estimate of one category, one level, or both."""

    measure: str
    """Such as `hsr`."""
    category: str = ""
    """Empty: over all categories."""
    level: int = 0
    """0: over all levels."""
    estimate: Estimate


@dataclass(frozen=True, kw_only=True)
class BenchmarkIdentity:
    """Identity of the items and of how they were checked; scorecards of different identities do not compare."""

    name: str
    """Name in lifecycle.yml, such as `almanac` or `followbench`."""
    digest: str
    """Hash of the items, whatever their order."""
    rules: str
    """Name and version of the rule set."""
    language: str = "en"
    """ISO 639-1 code."""


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """Results of one model on one benchmark. Rates are shares in [0, 1]."""

    model: str
    """Name of the student."""
    model_digest: str = ""
    """Content hash of its weights; empty where unknown."""
    memory: str = ""
    """Head of the edit memory that it was asked under; empty for none."""
    benchmark: BenchmarkIdentity
    """What was asked, how it was checked."""
    judgements_digest: str = ""
    """Hash of the judgements that it was made of, whatever their order; empty where unknown."""
    judge: str = ""
    """Identity of the judge or judges: model, prompt, reading; empty when rules alone judged."""
    judging: dict[str, Any] = field(default_factory=dict)
    """Where judges were asked: `calibration`, `agreement`, `spent`, `warnings`."""
    sampling: dict[str, Any] = field(default_factory=dict)
    """How the responses were drawn."""
    measures: dict[str, Estimate]
    """Over all items; the first is the headline."""
    tables: tuple[Cell, ...] = ()
    """By category, by level, and by both."""
    n_items: int
    """Items asked."""
    n_scored: int
    """Items that a rule or a judge looked at."""
    n_unread: int = 0
    """Scored items with a verdict that could not be read and matters; they count as no."""
    not_scored: dict[str, int] = field(default_factory=dict)
    """Items that nobody scored by reason, such as `no-judge`; in no rate, and never zero."""
    impossible: dict[str, str] = field(default_factory=dict)
    """Items left out because nothing can satisfy them, with the reason."""
    n_truncated: int = 0
    """Responses cut at the token limit."""
    n_cut: int = 0
    """Prompts that lost their middle, since the model's context is too short for them."""
    n_empty: int = 0
    """Responses with nothing in them, or nothing but reasoning."""
    published: dict[str, Any] = field(default_factory=dict)
    """The authors' own arithmetic beside ours, in their units; empty where it is the same."""
    null_headline: float | None = None
    """Headline of the best reply that is the same to everything, on these items; None where nobody measured it."""

    @property
    def headline(self) -> str:
        """Name of the first measure."""
        return next(iter(self.measures))

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories with a table of their own, in order."""
        return tuple(dict.fromkeys(cell.category for cell in self.tables if cell.category))

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels with a table of their own, in order."""
        return tuple(sorted({cell.level for cell in self.tables if cell.level}))

    def estimate(self, measure: str, *, category: str = "", level: int = 0) -> Estimate:
        """One estimate; an empty one where the benchmark does not have it.

        Args:
            measure: Name of the measure.
            category: Category, or empty for all.
            level: Level, or 0 for all.

        Returns:
            The estimate; its value is None where nothing was measured.
        """
        if not category and not level and measure in self.measures:
            return self.measures[measure]
        wanted = (measure, category, level)
        found = (cell.estimate for cell in self.tables if (cell.measure, cell.category, cell.level) == wanted)
        return next(found, Estimate(value=None))

    @property
    def digest(self) -> str:
        """Hash of everything on it to 16 hexadecimal digits."""
        return _digest(self._plain())

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON with its digest; every cell of the tables is one flat row."""
        plain = self._plain()
        return plain | {"digest": _digest(plain)}

    def _plain(self) -> dict[str, Any]:
        plain = dataclasses.asdict(self)
        if not self.memory:
            del plain["memory"]  # scorecards that know of none keep their digest
        plain["tables"] = [{**row.pop("estimate"), **row} for row in plain["tables"]]
        if self.null_headline is None:  # as in former versions, whose digests stay what they were
            del plain["null_headline"]
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Scorecard":
        """Read what `as_dict` gave.

        Args:
            plain: The JSON document.

        Returns:
            A scorecard equal to the one that was written.

        Raises:
            RecordError: A field is missing, unknown or of another type, as in the scorecards of versions before 0.2, or
                something on it was changed after it was written.
        """
        try:
            fields = dict(plain)
            digest = fields.pop("digest")
            found = _digest(fields)
            fields["tables"] = [_cell(row) for row in fields.get("tables", ())]
            card = msgspec.convert(_known(fields), cls)
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise RecordError(
                f"this is no scorecard of this version ({error}); evaluate the student again: "
                "`kedro run --pipelines evaluation`"
            ) from None
        if digest != found:
            raise RecordError(
                f"it was changed after it was written: it says that its digest is {digest}, its content has {found}; "
                "evaluate the student again: `kedro run --pipelines evaluation`"
            )
        return card


def _digest(plain: Mapping[str, Any]) -> str:
    # By way of JSON, so that what was read from a file has the hash of what was written. The first measure is the
    # headline, so their order counts.
    return content_id(json.loads(json.dumps(plain)), list(plain["measures"]))


def _known(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    if unknown := sorted(fields.keys() - {each.name for each in dataclasses.fields(Scorecard)}):
        raise ValueError(f"it has {', '.join(unknown)}")
    return fields


def _cell(row: Mapping[str, Any]) -> dict[str, Any]:
    place = {name: row[name] for name in ("measure", "category", "level")}
    return {**place, "estimate": {name: value for name, value in row.items() if name not in place}}
