"""Edits for people: curves over memory size and age, and tables that say what each measure overstates."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quintain.methods.lte.curves import by_size, point
from quintain.reporting.palette import DPI, WIDTH_INCHES, look
from quintain.reporting.table import markdown_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SCORES = {"success": "success", "rephrase": "rephrase", "portability": "portability", "locality": "locality"}
_FINDING = {"hit_1": "hit@1", "hit_3": "hit@3", "gate_recall": "gate recall", "gate_precision": "gate precision"}
_ASPECTS = (
    "rewrite",
    "rephrase",
    "subject-aliasing",
    "reasoning",
    "logical-generalization",
    "relation-specificity",
    "forgetfulness",
    "far",
)


def draw_edits(metrics: Mapping[str, Any]) -> "Figure":
    """Draw scores by memory size behind the gate and without it, what is found, and how edits last.

    Args:
        metrics: JSON of `edit_metrics`.

    Returns:
        A figure 800 pixels wide, tied to no screen; bands are intervals.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, 6.8), dpi=DPI, layout="constrained")
    (gated, ungated), (finding, lasting) = figure.subplots(2, 2)
    sizes = by_size(metrics, "")
    _curves(gated, sizes, _SCORES, "Behind the gate", "Edits in the memory")
    _curves(ungated, by_size(metrics, "_ungated"), _SCORES, "Without the gate", "Edits in the memory")
    _curves(finding, sizes, _FINDING, "Retrieval and gate", "Edits in the memory")
    ages = metrics.get("sequential", {}).get("by_age", {})
    _curves(lasting, {int(age): one for age, one in ages.items()}, _SCORES, "Retention", "Edits that came after", "+")
    figure.legend(*gated.get_legend_handles_labels(), loc="outside upper left", ncols=4, fontsize=10, frameon=False)
    finding.legend(fontsize=9, frameon=False, loc="lower left")
    return figure


def _curves(
    axes: "Axes",
    states: Mapping[int, Mapping[str, Any]],
    names: Mapping[str, str],
    title: str,
    x: str,
    plus: str = "",
) -> None:
    for position, (name, label) in enumerate(names.items()):
        points = [(at, found) for at, measures in sorted(states.items()) if (found := point(measures, name))]
        colour, marker = look(position)
        places = [at for at, _ in points]
        if points:
            axes.fill_between(
                places,
                [found["low"] for _, found in points],
                [found["high"] for _, found in points],
                color=colour,
                alpha=0.12,
                linewidth=0,
            )
        axes.plot(places, [found["value"] for _, found in points], color=colour, marker=marker, label=label)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks(sorted(states), [f"{at:,}{plus if at else ''}" for at in sorted(states)])
    axes.minorticks_off()
    axes.set_ylim(-0.03, 1.03)
    axes.set_title(title, fontsize=12)
    axes.set_xlabel(x, fontsize=10)
    axes.grid(color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)


def edits_table(metrics: Mapping[str, Any]) -> str:
    """Set the measures in Markdown.

    Args:
        metrics: JSON of `edit_metrics`.

    Returns:
        Tables by memory size, by aspect in the largest memory, and what other measures would say, with a final newline.
    """
    sizes, without = by_size(metrics, ""), by_size(metrics, "_ungated")
    largest = sizes[max(sizes)] if sizes else {}
    header = ("edits in the memory", *_SCORES.values(), *_FINDING.values())
    rows = [(f"{size:,}", *_shares(sizes[size], (*_SCORES, *_FINDING))) for size in sorted(sizes)]
    rows += [(f"{size:,}, no gate", *_shares(without[size], (*_SCORES, *_FINDING))) for size in sorted(without)]
    parts = [
        "Free generation to its natural end, normalised exact match; locality against the original model.\n\n"
        + markdown_table(header, rows),
        "By aspect, in the largest memory:\n\n" + _aspect_table(largest),
    ]
    if others := _other_measures(metrics, largest):
        parts.append("What other measures say of the same model:\n\n" + others)
    return "\n\n".join(parts) + "\n"


def _aspect_table(measures: Mapping[str, Any]) -> str:
    scored = {**measures.get("portability", {}), **measures.get("locality", {})}
    scored["rewrite"], scored["rephrase"] = measures.get("success"), measures.get("rephrase")
    rows = []
    for aspect in _ASPECTS:
        if share := scored.get(aspect):
            found = [measures.get(name, {}).get(aspect) for name in ("hit_1", "hit_3", "gate_recall", "gate_false")]
            rows.append((aspect, str(share["n"]), _share(share), *map(_share, found)))
    return markdown_table(("aspect", "n", "right or unchanged", "hit@1", "hit@3", "edit passes", "false passes"), rows)


def _other_measures(metrics: Mapping[str, Any], largest: Mapping[str, Any]) -> str:
    tokens, last = metrics.get("upstream_parity", {}), metrics.get("sequential", {})
    fluency, cost = metrics.get("fluency", {}), metrics.get("cost", {})
    rows: list[tuple[str, str]] = []
    for name, share in (
        ("success, single edit, as tokens under teacher forcing (the authors' metric)", tokens.get("success")),
        ("portability, the same", tokens.get("portability")),
        ("locality, the same, against the aligned model", tokens.get("locality_aligned")),
        ("success when the right answer need only stand somewhere in the response", largest.get("success_named")),
        ("locality against the aligned model", point(largest, "locality_aligned")),
        ("locality answers that are right", point(largest, "locality_correct")),
        ("success right after each edit, one by one", point(last.get("right_after", {}), "success")),
        ("success of all when the last had come", point(last.get("after_all", {}), "success")),
        ("right at first and still at the end", last.get("retained")),
    ):
        if share:
            rows.append((name, _share(share)))
    if fluency:
        rows.append(("fluency with the edit, without", f"{fluency['with_edits']:.0f}, {fluency['without']:.0f}"))
    if cost:
        rows.append(
            (
                "an edit: to add, to look up, on disk",
                f"{cost['add_ms']:.2f} ms, {cost['search_ms']:.2f} ms, {cost['bytes_per_edit'] / 1024:.0f} KiB",
            )
        )
    return markdown_table(("measure", "value"), rows) if rows else ""


def _shares(measures: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [_share(point(measures, name)) for name in names]


def _share(share: Mapping[str, Any] | None) -> str:
    if not share:
        return "–"
    return f"{100 * share['value']:.0f} [{100 * share['low']:.0f}, {100 * share['high']:.0f}]"
