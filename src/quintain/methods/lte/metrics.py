"""Metrics of edits: success, portability, locality, retrieval, gate, retention, each with its interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from quintain.methods.lte.fluency import fluency
from quintain.records import OUT_OF_SCOPE, EditAspect, EditResult
from quintain.statistics.bootstrap import clustered_shares
from quintain.statistics.resampling import Resampling

PORTABILITY: tuple[EditAspect, ...] = ("subject-aliasing", "reasoning", "logical-generalization")
"""Aspects whose mean is called portability."""
LOCALITY = OUT_OF_SCOPE
"""Aspects whose mean is called locality."""
MEASURED_WITH = "measured_with"
"""Key of the metrics for what they were measured with: digests of `student` and `original`, head of the `memory`."""
HEADLINE = ("success", "rephrase", "portability", "locality", "gate_recall")
"""Measures that stand for a student and its memory in the registry."""
_AGES = (0, 1, 10, 100, 1000)


def token_ratio(predicted: Sequence[int], target: Sequence[int]) -> float:
    """Share of tokens that are predicted right when all right ones before are given; the authors' metric.

    It overstates free generation: the right beginning and the right length are given away, and part of an answer counts
    as part of a success.

    Args:
        predicted: Likeliest token at each place. Shape (T,).
        target: Tokens of the right answer, or of another prediction to compare with. Shape (T,).

    Returns:
        The share, in [0, 1].

    Raises:
        ValueError: The lengths differ, or there is no token.

    >>> token_ratio([7, 8, 9], [7, 8, 1])
    0.6666666666666666

    Source: `test_prediction_acc` and `icl_lm_eval` of EasyEdit, as LTE's authors run them.
    """
    if len(predicted) != len(target) or not target:
        raise ValueError(f"{len(predicted)} predictions for {len(target)} tokens; there must be one for each of some")
    return sum(one == other for one, other in zip(predicted, target, strict=True)) / len(target)


def measure_results(results: Sequence[EditResult], resampling: Resampling) -> dict[str, Any]:
    """Measure the results of one state of a memory.

    Args:
        results: Results with one setting and gate.
        resampling: How intervals are drawn; edits are drawn, not probes.

    Returns:
        JSON-able shares by measure and aspect, with the `mean` of the aspects; what no probe speaks to is left out.
    """

    def shares(value: Callable[[EditResult], float | None], aspects: Sequence[EditAspect]) -> dict[str, Any]:
        rows = [one for one in results if one.aspect in aspects]
        found = clustered_shares(rows, value, lambda one: one.case_id, lambda one: one.aspect, resampling)
        return {name: asdict(share) for name, share in found.items()}

    in_scope = [aspect for aspect in dict.fromkeys(one.aspect for one in results) if aspect not in LOCALITY]
    asked = [*in_scope, *LOCALITY]
    measures: dict[str, Any] = {
        "edits": len({one.case_id for one in results}),
        "success": shares(lambda one: one.correct, ["rewrite"]),
        "success_named": shares(lambda one: one.named, ["rewrite"]),
        "rephrase": shares(lambda one: one.correct, ["rephrase"]),
        "portability": shares(lambda one: one.correct, PORTABILITY),
        "locality": shares(lambda one: one.unchanged, LOCALITY),
        "locality_aligned": shares(lambda one: one.unchanged_aligned, LOCALITY),
        "locality_correct": shares(lambda one: one.correct, LOCALITY),
        "hit_1": shares(lambda one: one.rank == 1, in_scope),
        "hit_3": shares(lambda one: 1 <= one.rank <= 3, in_scope),
        "gate_recall": shares(lambda one: one.admitted, in_scope),
        "gate_precision": shares(_precision, asked),
        "gate_false": shares(lambda one: one.passed > 0, LOCALITY),
    }
    return {name: measure for name, measure in measures.items() if measure or name == "edits"}


def _precision(one: EditResult) -> float | None:
    """Share of the edits that went to the model which should have; None when none went."""
    if not one.passed:
        return None
    return one.admitted / one.passed if one.aspect not in LOCALITY else 0.0


def measure_tokens(results: Sequence[EditResult], resampling: Resampling) -> dict[str, Any]:
    """The authors' numbers: token ratios under teacher forcing, each edit alone and always in the prompt.

    Args:
        results: Results with token ratios; others are left out.
        resampling: How intervals are drawn.

    Returns:
        Success, portability, locality against the aligned model; empty without token ratios.
    """
    known = [one for one in results if one.token_ratio is not None]
    aspects: dict[str, Sequence[EditAspect]] = {
        "success": ["rewrite"],
        "portability": PORTABILITY,
        "locality_aligned": LOCALITY,
    }
    measures = {
        name: clustered_shares(
            [one for one in known if one.aspect in probed],
            lambda one: one.token_ratio,
            lambda one: one.case_id,
            lambda one: one.aspect,
            resampling,
        )
        for name, probed in aspects.items()
    }
    return {name: {key: asdict(share) for key, share in found.items()} for name, found in measures.items() if found}


def measure_retention(results: Sequence[EditResult], resampling: Resampling) -> dict[str, Any]:
    """Retention: success of edits while others come after them.

    Args:
        results: Results of the sequential setting.
        resampling: How intervals are drawn.

    Returns:
        `right_after`, measures of each edit right after it came, which is all that the authors' loop looks at;
        `after_all`, of all edits at the last checkpoint; `retained`, the share of answers in scope right at first
        that are right at the end; `by_age`, measures by the number of edits that came after, in bins 0, 1-9, 10-99 and
        so on. Empty without results.
    """
    rows = [one for one in results if one.setting == "sequential"]
    if not rows:
        return {}
    # At the last checkpoint earlier edits were asked again; a memory that grew on has only its newest edit asked.
    size = max((one.memory_size for one in rows if one.age), default=1)
    first = [one for one in rows if one.age == 0]
    last = [one for one in rows if one.memory_size == size]
    right = {(one.case_id, one.probe) for one in first if one.correct and one.aspect not in LOCALITY}
    retained = clustered_shares(
        [one for one in last if (one.case_id, one.probe) in right],
        lambda one: one.correct,
        lambda one: one.case_id,
        lambda one: one.aspect,
        resampling,
    )
    return {
        "right_after": measure_results(first, resampling),
        "after_all": measure_results(last, resampling),
        **({"retained": {name: asdict(share) for name, share in retained.items()}} if retained else {}),
        "by_age": {
            str(age): measure_results([one for one in rows if _bin(one.age) == age], resampling)
            for age in sorted({_bin(one.age) for one in rows})
        },
    }


def _bin(age: int) -> int:
    return max(start for start in _AGES if start <= age)


def measure_fluency(with_edits: Sequence[str], without: Sequence[str]) -> dict[str, float]:
    """Mean fluency of texts generated with and without an edit in the prompt.

    Args:
        with_edits: Texts under edits.
        without: Texts to the same questions alone.

    Returns:
        `with_edits`, `without`; see `fluency.fluency` for what it cannot tell.

    Raises:
        ValueError: There are no texts.
    """
    if not with_edits or not without:
        raise ValueError("fluency needs at least one text with and one without an edit")
    return {
        "with_edits": round(sum(map(fluency, with_edits)) / len(with_edits), 2),
        "without": round(sum(map(fluency, without)) / len(without), 2),
    }


def score_edits(results: Sequence[EditResult], resampling: Resampling) -> dict[str, Any]:
    """Measure everything that was asked.

    Args:
        results: Results of all settings.
        resampling: How intervals are drawn.

    Returns:
        `headline`, the numbers of the largest memory behind the gate, which is what is served; `gated` and `ungated`,
        measures by memory size, at 1 the single edits; `sequential`; `upstream_parity`.

    Raises:
        ValueError: There is no result.
    """
    if not results:
        raise ValueError("there is no result of an edit to measure")
    at_once = [one for one in results if one.setting != "sequential"]
    gated, ungated = (
        {
            str(size): measure_results(
                [one for one in at_once if one.memory_size == size and one.gated is behind], resampling
            )
            for size in sorted({one.memory_size for one in at_once if one.gated is behind})
        }
        for behind in (True, False)
    )
    largest: Mapping[str, Any] = list(gated.values())[-1] if gated else {}
    return {
        "headline": {name: largest[name]["mean"]["value"] for name in HEADLINE if name in largest},
        "gated": gated,
        "ungated": ungated,
        "sequential": measure_retention(results, resampling),
        "upstream_parity": measure_tokens(results, resampling),
    }
