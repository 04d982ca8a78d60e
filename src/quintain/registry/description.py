"""What a version's page says, in Markdown, which the registry renders."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from quintain.registry.editing import Editing
from quintain.registry.lineage import Lineage
from quintain.registry.settings import TrackingSettings

if TYPE_CHECKING:
    from mlflow.entities import Run

_BLOCKS = "▁▂▃▄▅▆▇█"


def describe(
    student: str,
    table: str,
    scorecard: dict[str, Any],
    lineage: Lineage,
    settings: TrackingSettings,
    run: "Run | None" = None,
    editing: Editing | None = None,
    improvement: dict[str, Any] | None = None,
) -> str:
    """Write the page of a version.

    Args:
        student: Its name in the pipelines.
        table: The scorecard as a Markdown table.
        scorecard: JSON of the scorecard, for what the table leaves out.
        lineage: Where the model comes from.
        settings: Name of the registered model, for links.
        run: MLflow run that trained it; None when it is not known.
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
        ("HSR by level, 1 to 5", f"{sparkline(macro['hsr'])} of {_BLOCKS[-1]}"),
        ("Unread, not scored", f"{scorecard['n_unread']}, {scorecard['n_not_scored']}"),
        ("Weights", f"`{lineage.dvc_path}`" + (f", DVC `{lineage.dvc_md5}`" if lineage.dvc_md5 else "")),
        ("Code", f"`{lineage.git_commit[:12]}`{' with uncommitted changes' if lineage.git_dirty else ''}"
         if lineage.git_commit else "outside git"),
        ("Made by", _run_link(run) if run is not None else "a run that this store does not know"),
        ("Stages", ", ".join(f"`{stage.name}`" for stage in lineage.stages) or "not known to DVC"),
        ("Calls to models", f"{sum(each['calls'] for each in lineage.calls):,}" if lineage.calls else "none"),
        ("Parents", ", ".join(
            f"[version {parent}](#/models/{settings.model_name}/versions/{parent})" for parent in lineage.parents
        ) or "none: trained from scratch"),
    ]  # fmt: skip
    if lineage.base:
        rows.insert(-1, ("Adapter on", f"`{lineage.base.path}`, digest `{lineage.base.digest[:12]}`"))
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


def sparkline(shares: Sequence[float | None]) -> str:
    """Draw shares as a row of blocks, a full block being 1; what was not measured is a dot.

    >>> sparkline([1.0, 0.5, 0.0, None])
    '█▅▁·'
    """
    return "".join("·" if share is None else _BLOCKS[round(share * (len(_BLOCKS) - 1))] for share in shares)


def _run_link(run: "Run") -> str:
    return f"[{run.info.run_name}](#/experiments/{run.info.experiment_id}/runs/{run.info.run_id})"
