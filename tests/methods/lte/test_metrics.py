"""Measures of results, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.methods.lte.curves import retention_rows, size_rows
from quintain.methods.lte.metrics import measure_fluency, measure_results, score_edits, token_ratio
from quintain.records import EditResult
from quintain.statistics.resampling import Resampling

RESAMPLING = Resampling(replicates=100)


def result(aspect="rewrite", case="a", **fields):
    defaults = {
        "setting": "batch", "gated": True, "memory_size": 10, "age": 0, "case_id": case, "probe": -1,
        "aspect": aspect, "prompt": "?", "response": "x", "former": "y", "plain": "y", "correct": True, "named": True,
        "unchanged": False, "unchanged_aligned": False, "rank": 1, "admitted": True, "passed": 1,
    }  # fmt: skip
    return EditResult(**defaults | fields)


def test_portability_and_locality_are_means_of_their_aspects():
    results = [
        result(),
        result(case="b", correct=False),
        result("subject-aliasing"),
        result("reasoning", correct=False),
        result("reasoning"),
        result("relation-specificity", unchanged=True, unchanged_aligned=False, correct=False),
        result("far", unchanged=False, unchanged_aligned=True),
    ]
    measures = measure_results(results, RESAMPLING)
    assert measures["edits"] == 2
    assert measures["success"]["mean"]["value"] == 0.5
    # aliasing 1, reasoning 1/2
    assert measures["portability"]["mean"]["value"] == 0.75
    assert "logical-generalization" not in measures["portability"]
    assert measures["locality"]["mean"]["value"] == 0.5
    assert measures["locality_aligned"]["far"]["value"] == 1.0
    assert measures["locality_correct"]["relation-specificity"]["value"] == 0.0
    assert "rephrase" not in measures


def test_retrieval_and_gate_are_told_apart():
    results = [
        result(rank=1, admitted=True, passed=1),
        result(rank=3, admitted=False, passed=0, case="b"),
        result("reasoning", rank=2, admitted=True, passed=2),
        result("reasoning", rank=0, admitted=False, passed=1, case="b"),
        result("far", rank=0, admitted=False, passed=1),
        result("far", rank=0, admitted=False, passed=0, case="b"),
    ]
    measures = measure_results(results, RESAMPLING)
    assert measures["hit_1"]["rewrite"]["value"] == 0.5
    assert measures["hit_3"]["rewrite"]["value"] == 1.0
    assert measures["hit_3"]["reasoning"]["value"] == 0.5
    assert measures["gate_recall"]["rewrite"]["value"] == 0.5
    # of the edits that went along for reasoning: one of two, none of one
    assert measures["gate_precision"]["reasoning"]["value"] == 0.25
    assert measures["gate_precision"]["far"]["value"] == 0.0
    assert measures["gate_false"]["far"]["value"] == 0.5
    assert "far" not in measures["hit_1"]


def test_the_headline_is_that_of_the_largest_memory_behind_the_gate():
    results = [
        result(setting="single", memory_size=1),
        result(memory_size=10),
        result(memory_size=100, correct=False),
        result(memory_size=1000, gated=False),
    ]
    metrics = score_edits(results, RESAMPLING)
    assert metrics["headline"] == {"success": 0.0, "gate_recall": 1.0}
    assert (list(metrics["gated"]), list(metrics["ungated"])) == (["1", "10", "100"], ["1000"])
    assert [row["memory_size"] for row in size_rows(metrics)] == [1, 10, 100, 1000]
    assert [row["success"] for row in size_rows(metrics)] == [1.0, 1.0, 0.0, None]
    assert size_rows(metrics)[3]["success_ungated"] == 1.0


def test_retention_compares_the_end_with_the_moment_right_after_each_edit():
    def asked(size, age, case, correct):
        return result(setting="sequential", memory_size=size, age=age, case=case, correct=correct)

    results = [
        asked(1, 0, "a", True),
        asked(2, 0, "b", True),
        asked(3, 0, "c", False),
        asked(3, 1, "b", True),
        asked(3, 2, "a", False),
        asked(4, 0, "d", True),  # after the last checkpoint: nobody was asked again
    ]
    sequential = score_edits(results, RESAMPLING)["sequential"]
    assert sequential["right_after"]["success"]["mean"]["value"] == 0.75
    # at size 3: c wrong, b right, a wrong
    assert sequential["after_all"]["success"]["mean"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    # right at first and asked again: a, b; still right: b
    assert sequential["retained"]["mean"]["value"] == 0.5
    rows = retention_rows({"sequential": sequential})
    assert [(row["edits_after"], row["success"]) for row in rows] == [(0, 0.75), (1, 0.5)]


def test_token_ratio_gives_credit_for_parts_where_exact_match_gives_none():
    assert token_ratio([1, 2, 3, 9], [1, 2, 3, 4]) == 0.75
    with pytest.raises(ValueError, match="3 predictions for 2 tokens"):
        token_ratio([1, 2, 3], [1, 2])
    metrics = score_edits([result(setting="single", gated=False, memory_size=1, token_ratio=0.75, correct=False)],
                          RESAMPLING)  # fmt: skip
    assert metrics["upstream_parity"]["success"]["mean"]["value"] == 0.75
    assert metrics["ungated"]["1"]["success"]["mean"]["value"] == 0.0


def test_fluency_is_a_mean_over_texts():
    assert measure_fluency(["one two three four five", "no"], ["a a a a"]) == {
        "with_edits": pytest.approx(172.33 / 2, abs=0.01),
        "without": 0.0,
    }
    with pytest.raises(ValueError, match="at least one text"):
        measure_fluency([], ["a"])


def test_nothing_to_measure_is_an_error():
    with pytest.raises(ValueError, match="no result"):
        score_edits([], RESAMPLING)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["rewrite", "reasoning", "far"]), st.booleans()),
                min_size=1, max_size=20))  # fmt: skip
def test_every_measure_is_a_share_within_its_interval_bounds(rows):
    measures = measure_results(
        [result(aspect, case, correct=yes, unchanged=yes, probe=n) for n, (case, aspect, yes) in enumerate(rows)],
        Resampling(replicates=20),
    )

    def shares(found):
        if isinstance(found, dict):
            yield from [found] if "value" in found else (one for part in found.values() for one in shares(part))

    for share in shares(measures):
        assert 0 <= share["low"] <= share["high"] <= 1
        assert 0 <= share["value"] <= 1
