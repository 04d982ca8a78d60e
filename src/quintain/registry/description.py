"""Page of a version: its scores and where it comes from, in Markdown, which the registry renders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quintain.benchmarks.measures import by_level, measure_name, percent, point
from quintain.benchmarks.scorecard import Scorecard
from quintain.registry.editing import Editing
from quintain.registry.lineage import Lineage

if TYPE_CHECKING:
    from mlflow.entities import Run

_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Origin:
    """Origin of a version, as its page says."""

    lineage: Lineage
    """Code, data and parents."""
    model_name: str
    """Name of the registered model, for links."""
    run: "Run | None" = None
    """MLflow run that trained it; None when it is not known."""


def describe(
    student: str,
    cards: Mapping[str, Scorecard],
    tables: Mapping[str, str],
    origin: Origin,
    editing: Editing | None = None,
    improvement: Mapping[str, Any] | None = None,
    retention: Mapping[str, Any] | None = None,
    match: Mapping[str, Any] | None = None,
) -> str:
    """Write the page of a version.

    Args:
        student: Its name in the pipelines.
        cards: Benchmark → what it scored, the headline first.
        tables: Benchmark → the same as a Markdown table.
        origin: Where it comes from.
        editing: The memory that it is served with, if it has one.
        improvement: JSON of `compare_with_parent`: what a memory cost in following constraints.
        retention: JSON of `report_retention`: what it lost and gained against its start.
        match: JSON of `meet_champion`: who its responses to open-ended sets were held against.

    Returns:
        Markdown.
    """
    lineage, several = origin.lineage, len(cards) > 1
    # The list of versions shows the first line only and as it is written, so it carries the headlines, without marks.
    headline = ", ".join(f"{f'{name} ' if several else ''}{_headline(card)}" for name, card in cards.items())
    sections = [f"### {name}\n\n{tables[name]}" if several else tables[name] for name in cards]
    parts = [f"{student}: {headline}", *sections, "Rates in percent, macro over categories."]
    facts = [fact for name, card in cards.items() for fact in _measured(name if several else "", card)] + [
        ("Weights", f"`{lineage.dvc_path}`" + (f", DVC `{lineage.dvc_md5}`" if lineage.dvc_md5 else "")),
        ("Code", f"`{lineage.git_commit[:12]}`{' with uncommitted changes' if lineage.git_dirty else ''}"
         if lineage.git_commit else "outside git"),
        ("Made by", _run_link(origin.run) if origin.run is not None else "a run that this store does not know"),
        ("Stages", ", ".join(f"`{stage.name}`" for stage in lineage.stages) or "not known to DVC"),
        ("Calls to models", f"{sum(each['calls'] for each in lineage.calls):,}" if lineage.calls
         else "none" if lineage.stages else "not counted, for they are counted by stages"),
        ("Parents", ", ".join(
            f"[version {parent}](#/models/{origin.model_name}/versions/{parent})" for parent in lineage.parents
        ) or f"none: {lineage.start}"),
    ]  # fmt: skip
    if lineage.base:
        facts.insert(-1, ("Adapter on", f"`{lineage.base.path}`, digest `{lineage.base.digest[:12]}`"))
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts)
    page = (
        "\n\n".join([*parts, f"| | |\n|---|---|\n{rows}\n"]) + _against_start(retention or {}) + _matches(match or {})
    )
    return page + (_edits(editing, improvement) if editing else "")


def _headline(card: Scorecard) -> str:
    estimate = card.estimate(card.headline)
    if estimate.value is None:
        return "not scored"
    csl = card.measures.get("csl")
    return f"{measure_name(by_level(card.headline))} {percent(estimate.value)}" + (
        f", CSL {point('csl', csl)}" if csl else ""
    )


def _measured(name: str, card: Scorecard) -> list[tuple[str, str]]:
    """Facts of one benchmark; its name goes before each where there are several."""
    benchmark, estimate, word = card.benchmark, card.estimate(card.headline), measure_name(card.headline)
    before = f"{name}: " if name else ""
    facts = [
        ("Benchmark", f"{benchmark.name} `{benchmark.digest}`, rules {benchmark.rules}, {card.n_items} items"),
        ("Judge", card.judge or "rules alone"),
        (word, f"{percent(estimate.value)} (95 % interval {percent(estimate.low)} to {percent(estimate.high)})"
         if estimate.value is not None else "not scored"),
    ]  # fmt: skip
    if card.levels:
        rate = by_level(card.headline)
        shares = [card.estimate(rate, level=level).value for level in card.levels]
        span = f"{card.levels[0]} to {card.levels[-1]}"
        facts.append((f"{measure_name(rate)} by level, {span}", f"{sparkline(shares)} of {_BLOCKS[-1]}"))
    facts.append(("Unread, not scored", f"{card.n_unread}, {sum(card.not_scored.values())}"))
    return [(f"{before}{title}", value) for title, value in facts]


def _against_start(retention: Mapping[str, Any]) -> str:
    if not retention:
        return ""
    left_out = "".join(f"\n{name} is left out: {why}\n" for name, why in retention["left_out"].items())
    return f"\n## Against {retention['start']}, its start\n\n{retention['table']}\n{left_out}"


def _matches(match: Mapping[str, Any]) -> str:
    if not match:
        return ""
    lines = [line for name, each in match.items() for line in _match(name, each)]
    return "\n## Judged in pairs\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"


def _match(name: str, each: Mapping[str, Any]) -> Iterator[str]:
    if each["against"] == "reference":
        yield f"{name}: against its reference alone, `{each['reference']}`; {each['reason']}"
        return
    rival = f"version {each['version']}, {each['student']}, the champion then"
    for judge, told in each["by_judge"].items():
        rate = (told["win_rate"] or {}).get("at_equal_length")
        shown = (
            f"wins {percent(rate['value'])} % at equal length (95 % interval {percent(rate['low'])} to "
            f"{percent(rate['high'])})"
            if rate
            else "no review could be read"
        )
        yield f"{name}: against {rival}, {shown}, {each['instructions']:,} instructions, by {judge}"


def _edits(editing: Editing, improvement: Mapping[str, Any] | None) -> str:
    lines = [
        f"\n## Edits\n\nServed with the {editing.memory_edits} edits of `{editing.memory_path}` "
        f"(head `{editing.memory_head[:12]}`, embedder {editing.embedder}) and what came to it since.\n"
    ]
    if improvement:
        lines.append(
            f"Following constraints is {improvement['outcome']} than that of {improvement['over']}: "
            f"{100 * improvement['difference']:+.1f} points [{100 * improvement['low']:+.1f}, "
            f"{100 * improvement['high']:+.1f}] on the same {improvement['items']} items.\n"
        )
    return "\n".join([*lines, editing.table])


def sparkline(shares: Sequence[float | None]) -> str:
    """Draw shares as a row of blocks, a full block being 1; what was not measured is a dot.

    >>> sparkline([1.0, 0.5, 0.0, None])
    '█▅▁·'
    """
    return "".join("·" if share is None else _BLOCKS[round(share * (len(_BLOCKS) - 1))] for share in shares)


def _run_link(run: "Run") -> str:
    return f"[{run.info.run_name}](#/experiments/{run.info.experiment_id}/runs/{run.info.run_id})"
