"""Null replies: what a benchmark gives to whoever says the same to everything."""

from quintain.benchmarks.benchmark import Benchmark
from quintain.statistics.resampling import Resampling

NULL_REPLIES = ("", "I do not know.", "Yes.")
"""Replies that take no notice of what is asked."""
_POINT = Resampling(replicates=1)
"""Only the value is wanted."""


def null_headline(benchmark: Benchmark) -> float | None:
    """Measure the best of the null replies on a benchmark's own items.

    Args:
        benchmark: The benchmark.

    Returns:
        Its headline, a share in [0, 1]; None where no rule judges a reply, such as where judges or likelihoods do.
    """
    found = [value for reply in NULL_REPLIES if (value := _headline(benchmark, reply)) is not None]
    return max(found, default=None)


def _headline(benchmark: Benchmark, reply: str) -> float | None:
    try:
        judgements = [benchmark.judge(item, benchmark.read(reply)) for item in benchmark.items]
        if not any(judgement.is_scored for judgement in judgements):
            return None
        return next(iter(benchmark.measure(judgements, _POINT).measures.values())).value
    except (ValueError, KeyError):  # of a benchmark that reads something else than text, such as likelihoods
        return None
