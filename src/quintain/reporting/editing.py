"""Edits for people: curves over memory size and age, and tables that say what each measure overstates."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from quintain.records import EditAspect
from quintain.reporting.palette import look
from quintain.reporting.plots import dress, in_percent, legend_below, new_figure, nothing_to_draw
from quintain.reporting.table import markdown_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SCORES = {"success": "success", "rephrase": "rephrase", "portability": "portability", "locality": "locality"}
_FINDING = {"hit_1": "hit@1", "hit_3": "hit@3", "gate_recall": "gate recall", "gate_precision": "gate precision"}
_ASPECTS = get_args(EditAspect)


def plot_edits(metrics: Mapping[str, Any]) -> "Figure":
    """Draw scores by memory size behind the gate and without it, what is found, and how edits last.

    Args:
        metrics: JSON of `edit_metrics`.

    Returns:
        A figure 800 pixels wide, tied to no screen; bands are 95 % intervals.
    """
    figure = new_figure(7.6)
    (gated, ungated), (finding, lasting) = figure.subplots(2, 2)
    _curves(gated, metrics["gated"], _SCORES, "Behind the gate", "Edits in the memory (log scale)")
    _curves(ungated, metrics["ungated"], _SCORES, "Without the gate", "Edits in the memory (log scale)")
    _curves(finding, metrics["gated"], _FINDING, "Retrieval and gate", "Edits in the memory (log scale)")
    _curves(
        lasting, metrics["sequential"].get("by_age", {}), _SCORES, "Retention", "Edits that came after (log scale)", "+"
    )
    for panel in (gated, ungated, finding, lasting):
        legend_below(panel, columns=2)
    return figure


def _curves(
    axes: "Axes",
    states: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, str],
    title: str,
    x: str,
    plus: str = "",
) -> None:
    for position, (name, label) in enumerate(names.items()):
        points = [(int(at), measures[name]["mean"]) for at, measures in states.items() if name in measures]
        if not points:
            continue  # the legend names what was measured
        colour, marker = look(position)
        places = [at for at, _ in points]
        lows, highs = ([found[end] for _, found in points] for end in ("low", "high"))
        axes.fill_between(places, lows, highs, color=colour, alpha=0.12, linewidth=0)
        axes.plot(places, [found["value"] for _, found in points], color=colour, marker=marker, label=label)
    dress(axes, title, x, "Share of probes")
    axes.set_xscale("symlog", linthresh=1)
    ticks = [int(at) for at in states]
    axes.set_xticks(ticks, [f"{at:,}{plus if at else ''}" for at in ticks])
    axes.minorticks_off()
    in_percent(axes)
    if not axes.lines:
        nothing_to_draw(axes, "not measured in this run")


def edits_table(metrics: Mapping[str, Any]) -> str:
    """Set the measures in Markdown.

    Args:
        metrics: JSON of `edit_metrics`.

    Returns:
        Tables by memory size, by aspect in the largest memory, and what other measures would say, with a final newline.
    """
    gated, ungated = metrics["gated"], metrics["ungated"]
    largest = list(gated.values())[-1] if gated else {}
    header = ("edits in the memory", *_SCORES.values(), *_FINDING.values())
    columns = (*_SCORES, *_FINDING)
    rows = [(f"{int(size):,}", *_means(measures, columns)) for size, measures in gated.items()]
    rows += [(f"{int(size):,}, no gate", *_means(measures, columns)) for size, measures in ungated.items()]
    parts = [
        "Free generation to its natural end, normalised exact match; locality against the original model.\n\n"
        + markdown_table(header, rows),
        "By aspect, in the largest memory:\n\n" + _aspect_table(largest),
    ]
    if others := _other_measures(metrics, largest):
        parts.append("What other measures say of the same model:\n\n" + others)
    return "\n\n".join(parts) + "\n"


def _aspect_table(measures: Mapping[str, Any]) -> str:
    scored: dict[str, Any] = {}
    for name in _SCORES:
        scored |= measures.get(name, {})
    rows = []
    for aspect in _ASPECTS:
        if share := scored.get(aspect):
            found = [measures.get(name, {}).get(aspect) for name in ("hit_1", "hit_3", "gate_recall", "gate_false")]
            rows.append((aspect, str(share["n"]), _share(share), *map(_share, found)))
    return markdown_table(("aspect", "n", "right or unchanged", "hit@1", "hit@3", "edit passes", "false passes"), rows)


def _other_measures(metrics: Mapping[str, Any], largest: Mapping[str, Any]) -> str:
    tokens, last = metrics["upstream_parity"], metrics["sequential"]
    fluency, cost = metrics.get("fluency"), metrics.get("cost")
    rows: list[tuple[str, str]] = []
    for label, measures, name in (
        ("success, single edit, as tokens under teacher forcing (the authors' metric)", tokens, "success"),
        ("portability, the same", tokens, "portability"),
        ("locality, the same, against the aligned model", tokens, "locality_aligned"),
        ("success when the right answer need only stand somewhere in the response", largest, "success_named"),
        ("locality against the aligned model", largest, "locality_aligned"),
        ("locality answers that are right", largest, "locality_correct"),
        ("success right after each edit, one by one", last.get("right_after", {}), "success"),
        ("success of all when the last had come", last.get("after_all", {}), "success"),
        ("right at first and still at the end, mean over aspects", last, "retained"),
    ):
        if name in measures:
            rows.append((label, _share(measures[name]["mean"])))
    if fluency:
        rows.append(
            (
                "fluency with the edit, without (a word or two has none)",
                f"{fluency['with_edits']:.0f}, {fluency['without']:.0f}",
            )
        )
    if cost:
        rows.append(
            (
                "an edit: to add, to look up, on disk",
                f"{cost['add_ms']:.2f} ms, {cost['search_ms']:.2f} ms, {cost['bytes_per_edit'] / 1024:.0f} KiB",
            )
        )
    return markdown_table(("measure", "value"), rows) if rows else ""


def _means(measures: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [_share(measures.get(name, {}).get("mean")) for name in names]


def _share(share: Mapping[str, Any] | None) -> str:
    if not share:
        return "–"
    return f"{100 * share['value']:.0f} [{100 * share['low']:.0f}, {100 * share['high']:.0f}]"
