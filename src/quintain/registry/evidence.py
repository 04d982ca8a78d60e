"""Evidence behind a scorecard: intact judgements of all its items, each once, that give all its numbers."""

import math
from collections.abc import Mapping, Sequence
from itertools import chain

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.benchmark import Measured as Recomputed
from quintain.benchmarks.measures import measure_name
from quintain.benchmarks.satisfaction.comparison import terms
from quintain.benchmarks.satisfaction.measuring import measure_satisfaction, measure_scores
from quintain.benchmarks.satisfaction.scoring import category_measures, hsr_mean, macro
from quintain.benchmarks.satisfaction.sheet import tabulate
from quintain.benchmarks.scorecard import Scorecard
from quintain.benchmarks.scoring import counted, judgements_digest
from quintain.errors import RegistryError
from quintain.records import Judgement, content_id
from quintain.registry.measured import Measured, other_weights
from quintain.statistics.resampling import Resampling

_TOLERANCE = 1e-6
_MEASURED_BY = {"hsr_mean": measure_satisfaction, "score": measure_scores}
"""Headline → the arithmetic behind it; that of other benchmarks is their own."""
_POINTS = Resampling(replicates=1)
"""Intervals are not compared, so one draw will do."""
_IDENTITY = {"name": "the benchmark", "digest": "the pack", "rules": "the rules", "language": "the language"}


def complaint_of(card: Scorecard, judgements: Sequence[Judgement]) -> str:
    """Say why judgements are not those that a scorecard was made of.

    Args:
        card: The scorecard.
        judgements: What is kept beside it.

    Returns:
        One sentence with the numbers; empty when they are.
    """
    items = {judgement.item_id for judgement in judgements}
    if len(items) < len(judgements):
        return f"{len(judgements) - len(items)} of {len(judgements)} judgements judge an item a second time"
    if len(items) != card.n_items:
        return f"{len(judgements)} judgements for the {card.n_items} items of the scorecard"
    if content_id(*sorted(items)) != card.benchmark.digest:
        return "the judgements are of other items than the scorecard"
    if changed := [judgement for judgement in judgements if not judgement.is_intact]:
        return (
            f"{len(changed)} of {len(judgements)} judgements were changed after they were written, such as "
            f"{changed[0].id} of item {changed[0].item_id}: its content has another id"
        )
    try:
        return _other_numbers(card, judgements) or _other_judgements(card, judgements)
    except ValueError as error:
        return str(error)


def recompute_headline(judgements: Sequence[Judgement]) -> float:
    """Headline of a benchmark from its judgements alone, nan where nothing was scored."""
    return float(hsr_mean(macro(list(category_measures(tabulate(judgements)).values()))))


def broken_evidence(measured: Measured, benchmark: str, student: str, digest: str) -> str:
    """Say what of a scorecard, its judgements, its benchmark and a student's weights does not belong together.

    Args:
        measured: Scorecard and judgements.
        benchmark: Name of the benchmark in lifecycle.yml.
        student: Name of the student.
        digest: Content hash of its weights.

    Returns:
        One sentence that names two which differ, and the command that makes them agree; empty when all do.
    """
    card = measured.scorecard
    if complaint := other_weights(card, benchmark, student, digest):
        return complaint
    if card.benchmark.name != benchmark:
        complaint = f"the scorecard of {student} on {benchmark} is of the benchmark {card.benchmark.name}"
    elif complaint := complaint_of(card, measured.judgements):
        complaint = f"scorecard and judgements of {student} on {benchmark} differ: {complaint}"
    return f"{complaint}; {remedy(student, benchmark)}" if complaint else ""


def other_benchmark(benchmark: Benchmark, measured: Measured, student: str) -> str:
    """Say how a benchmark as it is now differs from the one that a student was measured on.

    Args:
        benchmark: The benchmark, with its items and its own arithmetic.
        measured: Scorecard and judgements.
        student: Name of the student.

    Returns:
        One sentence that names what differs, and the command that makes them agree; empty when nothing does.
    """
    card, now = measured.scorecard, benchmark.identity
    complaint = ""
    if differing := next((part for part in _IDENTITY if getattr(card.benchmark, part) != getattr(now, part)), ""):
        complaint = (
            f"was measured on {_IDENTITY[differing]} {getattr(card.benchmark, differing)}, the project has "
            f"{getattr(now, differing)}"
        )
    elif strange := _elsewhere(benchmark, measured.judgements):
        complaint = f"has a judgement of item {strange} at another place than the benchmark"
    elif differing := _other_measures(card, benchmark.measure(measured.judgements, _POINTS)):
        complaint = f"does not say what its judgements give: {differing}"
    if not complaint:
        return ""
    return f"the scorecard of {student} on {now.name} {complaint}; {remedy(student, now.name)}"


def _elsewhere(benchmark: Benchmark, judgements: Sequence[Judgement]) -> str:
    """Id of an item whose judgement counts in another category, level or cluster."""
    places = {item.id: (item.category, item.level, item.cluster) for item in benchmark.items}
    return next(
        (
            each.item_id
            for each in judgements
            if places.get(each.item_id) != (each.category, each.level, each.example_id)
        ),
        "",
    )


def refuse_broken(measured: Mapping[str, Measured], student: str, digest: str) -> None:
    """Refuse scorecards that do not belong to their judgements, or to the student.

    Args:
        measured: Benchmark → what was measured.
        student: Name of the student.
        digest: Content hash of its weights.

    Raises:
        RegistryError: Two things differ; names both, and the command that makes them agree.
    """
    for name, each in measured.items():
        if complaint := broken_evidence(each, name, student, digest):
            raise RegistryError(complaint)


def refuse_incomparable(one: Measured, other: Measured) -> None:
    """Refuse to compare students whose evidence is broken or who were measured on other terms.

    Args:
        one: What one of them scored.
        other: What the other scored on the same benchmark.

    Raises:
        RegistryError: Two things differ; names both, and the command that makes them agree.
    """
    for each in (one, other):
        card = each.scorecard
        if complaint := broken_evidence(each, card.benchmark.name, card.model, card.model_digest):
            raise RegistryError(complaint)
    ours, theirs = terms(one.scorecard), terms(other.scorecard)
    if differing := [f"{name} {ours[name]} and {theirs[name]}" for name in ours if ours[name] != theirs[name]]:
        first, second = one.scorecard, other.scorecard
        raise RegistryError(
            f"{first.model} and {second.model} were not measured on the same terms: {'; '.join(differing)}; measure "
            f"both with `kedro run --pipelines evaluation --namespaces "
            f"{first.model}.{first.benchmark.name},{second.model}.{second.benchmark.name}`"
        )


def remedy(student: str, benchmark: str) -> str:
    """The commands that measure a student on a benchmark anew and register it."""
    return (
        f"measure it again with `kedro run --pipelines evaluation --namespaces {student}.{benchmark}`, then register "
        "it with `kedro run --pipelines registration`"
    )


def _other_numbers(card: Scorecard, judgements: Sequence[Judgement]) -> str:
    found = recompute_headline(judgements)
    if not _same(card.estimate(card.headline).value, found):
        return _differing(measure_name(card.headline), found, card.estimate(card.headline).value)
    for name, number in counted(judgements).items():
        if getattr(card, name) != number:
            return f"the judgements give {name} {number!r}, the scorecard says {getattr(card, name)!r}"
    if measure := _MEASURED_BY.get(card.headline):
        return _other_measures(card, measure(judgements, _POINTS))
    return ""


def _other_measures(card: Scorecard, found: Recomputed) -> str:
    said = {(name, "", 0): estimate for name, estimate in card.measures.items()}
    said |= {(cell.measure, cell.category, cell.level): cell.estimate for cell in card.tables}
    given = {(name, "", 0): estimate for name, estimate in found.measures.items()}
    given |= {(cell.measure, cell.category, cell.level): cell.estimate for cell in found.tables}
    for place in dict.fromkeys(chain(given, said)):
        shown = " ".join(str(part) for part in (measure_name(place[0]), *place[1:]) if part)
        if place not in said or place not in given:
            return f"only the {'judgements have' if place in given else 'scorecard has'} {shown}"
        one, other = given[place], said[place]
        for field in ("value", "upper"):
            if not _same(getattr(other, field), _number(getattr(one, field))):
                return _differing(shown, _number(getattr(one, field)), getattr(other, field))
        if (one.n, one.unread) != (other.n, other.unread):
            return (
                f"the judgements give {shown} on {one.n} items, {one.unread} unread, the scorecard says {other.n} and "
                f"{other.unread}"
            )
    return ""


def _other_judgements(card: Scorecard, judgements: Sequence[Judgement]) -> str:
    """Judgements of the same numbers may still be others."""
    found = judgements_digest(judgements)
    if found == card.judgements_digest:
        return ""
    return f"the scorecard was made of judgements {card.judgements_digest or 'unknown'}, these are {found}"


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _same(said: float | None, found: float) -> bool:
    return math.isnan(found) if said is None else math.isclose(said, found, abs_tol=_TOLERANCE)


def _differing(name: str, found: float, said: float | None) -> str:
    given = "nothing" if math.isnan(found) else f"{found:.4f}"
    shown = "nothing" if said is None else f"{said:.4f}"
    return f"the judgements give {name} {given}, the scorecard says {shown}"
