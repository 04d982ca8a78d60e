"""Scorecards made of judgements, whatever the benchmark."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.scorecard import Scorecard
from quintain.records import Judgement, content_id
from quintain.statistics.resampling import Resampling
from quintain.text.traces import strip_trace


def make_scorecard(
    benchmark: Benchmark,
    judgements: Sequence[Judgement],
    *,
    model: str,
    model_digest: str = "",
    memory: str = "",
    sampling: Mapping[str, Any] | None = None,
    n_truncated: int = 0,
    n_cut: int = 0,
    judging: Mapping[str, Any] | None = None,
    null_headline: float | None = None,
    resampling: Resampling | None = None,
) -> Scorecard:
    """Score one model's judgements.

    Args:
        benchmark: What was asked.
        judgements: One per item, in any order.
        model: Name of the model.
        model_digest: Hash of its weights.
        memory: Head of the edit memory that it was asked under.
        sampling: How the responses were drawn.
        n_truncated: Responses cut at the token limit.
        n_cut: Prompts that lost their middle.
        judging: How the judges did.
        null_headline: Headline of a null reply on these items.
        resampling: How the intervals are drawn.

    Returns:
        The scorecard; the same judgements give the same one.

    Raises:
        ValueError: There is not exactly one judgement per item.
    """
    _check_complete(benchmark, judgements)
    measured = benchmark.measure(judgements, resampling or Resampling())
    return Scorecard(
        model=model,
        model_digest=model_digest,
        memory=memory,
        benchmark=benchmark.identity,
        judgements_digest=judgements_digest(judgements),
        judging=dict(judging or {}),
        sampling=dict(sampling or {}),
        measures=measured.measures,
        tables=measured.tables,
        impossible=_impossible(benchmark),
        n_truncated=n_truncated,
        n_cut=n_cut,
        published=measured.published,
        null_headline=null_headline,
        **counted(judgements),
    )


def judgements_digest(judgements: Iterable[Judgement]) -> str:
    """Hash judgements to 16 hexadecimal digits, the same whatever their order."""
    return content_id(*sorted(judgement.id for judgement in judgements))


def counted(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Count what a scorecard says of its judgements beside the measures.

    Args:
        judgements: One per item.

    Returns:
        The fields of the scorecard: judges, items by what became of them.
    """
    left_out = Counter(judgement.unscored_because for judgement in judgements if not judgement.is_scored)
    return {
        "judge": ", ".join(sorted({judgement.judge for judgement in judgements if judgement.judge})),
        "n_items": len(judgements),
        "n_scored": sum(judgement.is_scored for judgement in judgements),
        "n_unread": sum(_is_unread(judgement) for judgement in judgements),
        "not_scored": dict(sorted(left_out.items())),
        "n_empty": sum(not strip_trace(judgement.response).strip() for judgement in judgements),
    }


def _check_complete(benchmark: Benchmark, judgements: Sequence[Judgement]) -> None:
    asked, judged = {item.id for item in benchmark.items}, {judgement.item_id for judgement in judgements}
    if asked != judged or len(judgements) != len(asked):
        missing, foreign = len(asked - judged), len(judged - asked)
        raise ValueError(
            f"{len(asked)} items but {len(judgements)} judgements, {missing} items without one and {foreign} "
            f"judgements of other items; judge the responses to this benchmark again"
        )


def _is_unread(judgement: Judgement) -> bool:
    """True where an unread verdict may still change what the response is worth."""
    return judgement.is_scored and None in judgement.satisfied and judgement.base_task is not False


def _impossible(benchmark: Benchmark) -> dict[str, str]:
    reasons = {f"{item.category}/{item.cluster}/{item.level}": benchmark.impossible(item) for item in benchmark.items}
    return {where: reason for where, reason in reasons.items() if reason}
