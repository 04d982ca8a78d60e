"""What a version's page says, in Markdown, which the registry renders."""

from typing import Any

from quintain.registry.editing import Editing
from quintain.registry.lineage import Lineage


def describe(
    student: str,
    table: str,
    scorecard: dict[str, Any],
    lineage: Lineage,
    editing: Editing | None = None,
    improvement: dict[str, Any] | None = None,
) -> str:
    """Write the page of a version.

    Args:
        student: Its name in the pipelines.
        table: The scorecard as a Markdown table.
        scorecard: JSON of the scorecard, for what the table leaves out.
        lineage: Where the model comes from.
        editing: The memory that it is served with, if it has one.
        improvement: JSON of `compare_with_parent`: what a memory cost in following constraints.

    Returns:
        Markdown.
    """
    pack, macro = scorecard["pack"], scorecard["macro"]
    # The list of versions shows the first line only, so it carries the headline.
    headline = (
        "not scored" if macro["hsr_mean"] is None else f"HSR {100 * macro['hsr_mean']:.1f}, CSL {macro['csl']:.2f}"
    )
    low, high = macro["intervals"]["hsr_mean"]
    rows = [
        ("Pack", f"{pack['name']} `{pack['digest']}`, rules {pack['rules']}, {scorecard['n_items']} items"),
        ("Judge", scorecard["judge"] or "rules alone"),
        ("HSR, mean of levels", f"{100 * macro['hsr_mean']:.1f} (95 % interval {100 * low:.1f} to {100 * high:.1f})"
         if macro["hsr_mean"] is not None else "not scored"),
        ("Unread, not scored", f"{scorecard['n_unread']}, {scorecard['n_not_scored']}"),
        ("Weights", f"`{lineage.dvc_path}`" + (f", DVC `{lineage.dvc_md5}`" if lineage.dvc_md5 else "")),
        ("Code", f"`{lineage.git_commit[:12]}`{' with uncommitted changes' if lineage.git_dirty else ''}"
         if lineage.git_commit else "outside git"),
        ("Parents", ", ".join(f"version {parent}" for parent in lineage.parents) or "none: trained from scratch"),
    ]  # fmt: skip
    facts = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return (
        f"**{student}**: {headline}\n\n{table}\n\nRates in percent, macro over categories.\n\n"
        f"| | |\n|---|---|\n{facts}\n" + (_edits(editing, improvement) if editing else "")
    )


def _edits(editing: Editing, improvement: dict[str, Any] | None) -> str:
    lines = [
        f"\n## Edits\n\nServed with the {editing.memory_edits} edits of `{editing.memory_path}` "
        f"(head `{editing.memory_head[:12]}`, embedder {editing.embedder}) and what came to it since.\n"
    ]
    if improvement:
        lines.append(
            f"Following constraints is {improvement['outcome']} than that of {improvement['over']}: macro HSR "
            f"{100 * improvement['difference']:+.1f} points [{100 * improvement['low']:+.1f}, "
            f"{100 * improvement['high']:+.1f}] on the same {improvement['items']} items.\n"
        )
    return "\n".join([*lines, editing.table])
