"""Put together what the registry takes of a student; registering and asking the gate happen in the catalog."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quintain.benchmarks.scorecard import Scorecard
from quintain.datasets import ModelRef
from quintain.edit_memory import EditMemory
from quintain.errors import RegistryError
from quintain.models.roles import Roles
from quintain.records import Judgement
from quintain.registry.datasets import Claim
from quintain.registry.entry import CarriedMemory, Entry
from quintain.registry.measured import Measured

logger = logging.getLogger(__name__)

SCORECARD, JUDGEMENTS, PAGE = "scorecard", "judgements", "scorecard_page"
"""What a benchmark leaves of a student, and the registry keeps."""
ITEMS = "items"
"""The benchmark itself, against which that is checked."""


def register_student(
    model: ModelRef,
    training: dict[str, Any],
    roles: Roles,
    parent: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    carried: CarriedMemory | None = None,
    retention: dict[str, Any] | None = None,
    match: dict[str, Any] | None = None,
    **evidence: Any,
) -> Entry:
    """Put together a student's entry.

    Args:
        model: Its folder and digest.
        training: Report of its training.
        roles: Names the ledger and the prices.
        parent: Registration of the student that it was trained from; None where there is none.
        after: The gate's decision on the student before it, which has to be known first: the champion that a student
            meets must not depend on which node ran first.
        carried: The memory that it is served with.
        retention: JSON of `report_retention`, for the version's page; None where it has no start to be held against.
        match: JSON of `meet_champion`, for the version's page; None where nothing is judged in pairs.
        **evidence: `<benchmark>.scorecard`, `<benchmark>.judgements`, `<benchmark>.scorecard_page` and
            `<benchmark>.items`, the benchmark itself, the headline benchmark first.

    Returns:
        The entry.

    Raises:
        RegistryError: The student was measured on other items or by other rules than the benchmark has now, or under
            another memory than it is served with.
    """
    from quintain.registry.evidence import other_benchmark, remedy
    from quintain.reporting.table import leaderboard_table

    measured = dict(_measured(evidence))
    student = next(iter(measured.values())).scorecard.model
    for name, each in measured.items():
        if complaint := other_benchmark(evidence[f"{name}.{ITEMS}"], each, student):
            raise RegistryError(complaint)
        if carried and each.scorecard.memory not in ("", carried.head):
            raise RegistryError(
                f"the scorecard of {student} on {name} was measured under the edit memory "
                f"{each.scorecard.memory[:12]}, the student is served with {carried.head[:12]}; "
                f"{remedy(student, name)}"
            )
    return Entry(
        folder=Path(model.path),
        digest=model.digest,
        size_bytes=model.size_bytes,
        training=training,
        roles=roles,
        measured=measured,
        tables={name: leaderboard_table({student: each.scorecard}) for name, each in measured.items()},
        parent=str(parent["version"]) if parent else "",
        carried=carried,
        retention=retention or {},
        match=match or {},
    )


def _measured(evidence: dict[str, Any]) -> Iterator[tuple[str, Measured]]:
    for name in dict.fromkeys(each.partition(".")[0] for each in evidence):
        yield name, Measured(*(evidence[f"{name}.{part}"] for part in (SCORECARD, JUDGEMENTS, PAGE)))


def carry_memory(
    memory: Path,
    metrics: dict[str, Any],
    original: ModelRef,
    embedder: str,
    k: int,
    improvement: dict[str, Any] | None = None,
) -> CarriedMemory:
    """Say what a student with edits is served with: its memory, and the original model for all else."""
    from quintain.reporting.editing import edits_table, plot_edits
    from quintain.serving.embedders import open_embedder

    plot = io.BytesIO()
    plot_edits(metrics).savefig(plot, format="png")
    with EditMemory.open(memory, open_embedder(embedder)) as opened:
        head, edits = opened.head, len(opened)
    return CarriedMemory(
        memory=memory,
        head=head,
        edits=edits,
        embedder=embedder,
        k=k,
        original=Path(original.path),
        original_digest=original.digest,
        metrics=metrics,
        table=edits_table(metrics),
        plot=plot.getvalue(),
        improvement=improvement,
    )


def ask_gate(registration: dict[str, Any], policy: dict[str, Any]) -> Claim:
    """Let a version ask for the title."""
    return Claim(registration, policy)


def compare_with_parent(
    scorecard: Scorecard,
    judgements: list[Judgement],
    parent_scorecard: Scorecard,
    parent_judgements: list[Judgement],
    policy: dict[str, Any],
) -> dict[str, Any]:
    """Say whether a stage made its student better than the one it started from, beyond chance.

    Args:
        scorecard: What the student scored.
        judgements: The verdicts behind it.
        parent_scorecard: What the one before it scored.
        parent_judgements: The verdicts behind that.
        policy: The document conf/<env>/promotion.yml.

    Returns:
        JSON of the difference with its interval, and in words.

    Raises:
        RegistryError: A scorecard is not of its judgements, or the two were measured on other terms.
    """
    from quintain.benchmarks.measures import measure_name
    from quintain.benchmarks.satisfaction.comparison import compare
    from quintain.registry.evidence import refuse_incomparable
    from quintain.registry.policy import promotion_policy

    refuse_incomparable(Measured(scorecard, judgements), Measured(parent_scorecard, parent_judgements))

    found = compare(judgements, parent_judgements, promotion_policy(policy).resampling)
    outcome = "better" if found.low > 0 else "worse" if found.high < 0 else "not better, not worse"
    student, parent = scorecard.model, parent_scorecard.model
    logger.info(
        "%s is %s than %s beyond chance: %s %+.3f [%+.3f, %+.3f] on %d items",
        student, outcome, parent, measure_name(scorecard.headline), found.difference, found.low, found.high,
        found.n_items,
    )  # fmt: skip
    return {
        "over": parent,
        "outcome": outcome,
        "difference": round(found.difference, 4),
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "items": found.n_items,
    }
