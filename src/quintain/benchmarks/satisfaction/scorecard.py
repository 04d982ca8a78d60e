"""The scorecard: everything that one model scored on one pack, on one page that travels as JSON.

All rates are shares in [0, 1]; only `upstream`, the authors' own arithmetic, is in percent as their tables are.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quintain.benchmarks.followbench.defects import why_impossible
from quintain.benchmarks.followbench.parity import UpstreamScores, upstream_scores
from quintain.benchmarks.satisfaction.draws import bootstrap, bootstrap_micro, draw_sums
from quintain.benchmarks.satisfaction.intervals import Interval, Intervals, measure_intervals
from quintain.benchmarks.satisfaction.scoring import Counts, Measures, as_measures, category_measures, macro, micro
from quintain.benchmarks.satisfaction.sheet import Rates, ScoreSheet, tabulate
from quintain.records import ConstraintItem, Judgement, content_id
from quintain.statistics.bootstrap import percentile_interval as interval
from quintain.statistics.resampling import Resampling
from quintain.text.traces import strip_trace


@dataclass(frozen=True, kw_only=True)
class Score(Measures):
    """Measures with what they rest on. Unread verdicts count as no; `upper` shows how much they could add."""

    intervals: Intervals
    """Bootstrap intervals, groups drawn within each category."""
    upper: Measures | None
    """The same measures with every unread verdict read as yes; None where all were read."""
    n_groups: int
    """Groups of which at least one level was scored."""
    n_scored: int
    """Items that a rule or a judge looked at."""
    n_unread: int
    """Scored items with a verdict that could not be read and matters."""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Which items were asked and how they were checked; scorecards with different packs do not compare."""

    name: str
    """Such as `almanac` or `followbench`."""
    digest: str
    """Hash of the items, whatever their order."""
    language: str
    """ISO 639-1 code."""
    rules: str
    """Name of the rule set."""


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """What one model scored on one pack."""

    model: str
    """Name of the model."""
    model_digest: str
    """Hash of its weights; empty where unknown."""
    pack: Pack
    """What was asked, how it was checked."""
    judge: str = ""
    """Identity of the judge or judges: model, prompt, reading; empty when rules alone judged."""
    judging: dict[str, Any] = field(default_factory=dict)
    """Where judges were asked: how they did where the truth is known (`calibration`), how far they agree
    (`agreement`, Krippendorff's alpha by category), what they cost (`spent`), and `warnings`."""
    sampling: dict[str, Any] = field(default_factory=dict)
    """How the responses were drawn."""
    n_items: int
    """Items asked."""
    n_scored: int
    """Items that a rule or a judge looked at."""
    n_unread: int
    """Scored items with a verdict that could not be read and matters; they count as no."""
    n_not_scored: int
    """Items that nobody scored; in no rate, and never zero."""
    not_scored: dict[str, int] = field(default_factory=dict)
    """Their number by reason, such as `no-judge` or `impossible`."""
    impossible: dict[str, str] = field(default_factory=dict)
    """Items left out because nothing can satisfy them, `category/group/level` to the reason."""
    macro: Score
    """Unweighted mean over the categories scored: the headline."""
    macro_categories: tuple[str, ...]
    """The categories in that mean; with fewer than six it compares with no published table."""
    micro: Score
    """Over all items alike."""
    categories: dict[str, Score]
    """By category."""
    upstream: UpstreamScores | None = None
    """The authors' arithmetic, in percent; only under the rules `upstream-parity`."""
    base_task: float | None = None
    """Share of responses that did the base task; None when the pack does not check it."""
    base_task_interval: Interval = (None, None)
    """Bootstrap interval of `base_task`."""
    n_truncated: int = 0
    """Responses cut at the token limit."""
    n_cut: int = 0
    """Instructions that lost their middle, since the model's context is too short for them."""
    n_empty: int = 0
    """Responses with nothing in them, or nothing but reasoning."""

    def as_dict(self) -> dict[str, Any]:
        """Give plain JSON: tuples as lists, None as null."""
        return _lists(dataclasses.asdict(self))

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Scorecard":
        """Read what `as_dict` gave.

        Args:
            plain: The JSON document.

        Returns:
            A scorecard equal to the one that was written.

        Raises:
            ValueError: A field is missing or unknown.
        """
        try:
            fields = {name: _tuples(value) for name, value in plain.items()}
            upstream = fields.get("upstream")
            return cls(
                **{
                    **fields,
                    "pack": Pack(**fields["pack"]),
                    "macro": _score(fields["macro"]),
                    "micro": _score(fields["micro"]),
                    "categories": {name: _score(score) for name, score in fields["categories"].items()},
                    "upstream": None if upstream is None else UpstreamScores(**upstream),
                }
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"this is no scorecard: {error}") from None


def make_scorecard(
    items: Sequence[ConstraintItem],
    judgements: Sequence[Judgement],
    *,
    model: str,
    model_digest: str,
    pack: Pack,
    sampling: Mapping[str, Any],
    n_truncated: int = 0,
    n_cut: int = 0,
    judging: Mapping[str, Any] | None = None,
    resampling: Resampling | None = None,
) -> Scorecard:
    """Score one model's judgements.

    Args:
        items: The pack.
        judgements: One per item, in any order.
        model: Name of the model.
        model_digest: Hash of its weights.
        pack: Identity of the pack.
        sampling: How the responses were drawn.
        n_truncated: Responses cut at the token limit.
        n_cut: Instructions that lost their middle.
        judging: How the judges did.
        resampling: How the intervals are drawn.

    Returns:
        The scorecard; the same judgements give the same one.

    Raises:
        ValueError: There is not exactly one judgement per item.
    """
    _check_complete(items, judgements)
    resampling = resampling or Resampling()
    sheet = tabulate(judgements)
    points, uppers = category_measures(sheet), category_measures(sheet, unread_as_yes=True)
    draws = bootstrap(sheet, resampling)
    confidence = resampling.confidence
    left_out = Counter(judgement.unscored_because for judgement in judgements if not judgement.is_scored)
    attempts = [judgement.base_task for judgement in judgements if judgement.base_task is not None]
    everything = np.flatnonzero(sheet.scored.any(axis=1))
    return Scorecard(
        model=model,
        model_digest=model_digest,
        pack=pack,
        judge=", ".join(sorted({judgement.judge for judgement in judgements if judgement.judge})),
        judging=dict(judging or {}),
        sampling=dict(sampling),
        n_items=len(items),
        n_scored=int(sheet.scored.sum()),
        n_unread=int(sheet.unread.sum()),
        n_not_scored=sum(left_out.values()),
        not_scored=dict(sorted(left_out.items())),
        impossible=_impossible(items) if "impossible" in left_out else {},
        macro=_make_score(
            macro(list(points.values())),
            macro(list(uppers.values())),
            macro(list(draws.values())),
            sheet,
            everything,
            confidence,
        ),
        macro_categories=tuple(name for name in sheet.categories if sheet.scored[sheet.rows(name)].any()),
        micro=_make_score(
            micro(sheet),
            micro(sheet, unread_as_yes=True),
            bootstrap_micro(sheet, resampling),
            sheet,
            everything,
            confidence,
        ),
        categories={
            name: _make_score(points[name], uppers[name], draws[name], sheet, sheet.rows(name), confidence)
            for name in sheet.categories
        },
        upstream=upstream_scores(judgements) if pack.rules == "upstream-parity" else None,
        base_task=sum(attempts) / len(attempts) if attempts else None,
        base_task_interval=_base_task_interval(judgements, resampling),
        n_truncated=n_truncated,
        n_cut=n_cut,
        n_empty=sum(not strip_trace(judgement.response).strip() for judgement in judgements),
    )


def pack_digest(items: Sequence[ConstraintItem]) -> str:
    """Hash a pack to 16 hexadecimal digits, the same whatever the order of its items."""
    return content_id(*sorted(item.id for item in items))


def _check_complete(items: Sequence[ConstraintItem], judgements: Sequence[Judgement]) -> None:
    asked, judged = {item.id for item in items}, {judgement.item_id for judgement in judgements}
    if asked != judged or len(judgements) != len(items):
        missing, foreign = len(asked - judged), len(judged - asked)
        raise ValueError(
            f"{len(items)} items but {len(judgements)} judgements, {missing} items without one and {foreign} "
            f"judgements of other items; judge the responses to this pack again"
        )


def _impossible(items: Sequence[ConstraintItem]) -> dict[str, str]:
    reasons = {f"{item.category}/{item.example_id}/{item.level}": why_impossible(item) for item in items}
    return {where: reason for where, reason in reasons.items() if reason}


def _make_score(
    point: Rates, upper: Rates, draws: Rates, sheet: ScoreSheet, rows: np.ndarray, confidence: float
) -> Score:
    n_unread = int(sheet.unread[rows].sum())
    return Score(
        **dataclasses.asdict(as_measures(point)),
        intervals=measure_intervals(draws, confidence),
        upper=as_measures(upper) if n_unread else None,
        n_groups=len(rows),
        n_scored=int(sheet.scored[rows].sum()),
        n_unread=n_unread,
    )


def _base_task_interval(judgements: Sequence[Judgement], resampling: Resampling) -> Interval:
    groups: dict[str, dict[str, list[bool]]] = {}
    for judgement in judgements:
        if judgement.base_task is not None:
            group = groups.setdefault(judgement.category, {}).setdefault(judgement.example_id, [])
            group.append(judgement.base_task)
    if not groups:
        return None, None
    sums = [
        draw_sums(
            Counts(
                numerators=np.array([[float(sum(by_group[name]))] for name in sorted(by_group)]),
                denominators=np.array([[float(len(by_group[name]))] for name in sorted(by_group)]),
            ),
            category,
            resampling,
        )
        for category, by_group in sorted(groups.items())
    ]
    numerators, denominators = (np.sum(each, axis=0) for each in zip(*sums, strict=True))
    low, high = interval(numerators / denominators, resampling.confidence)
    return float(low[0]), float(high[0])


def _score(plain: Mapping[str, Any]) -> Score:
    upper = plain["upper"]
    return Score(
        **{
            **plain,
            "intervals": Intervals(**plain["intervals"]),
            "upper": None if upper is None else Measures(**upper),
        }
    )


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lists(each) for name, each in value.items()}
    return [_lists(each) for each in value] if isinstance(value, tuple | list) else value


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(each) for name, each in value.items()}
    return tuple(_tuples(each) for each in value) if isinstance(value, tuple | list) else value
