"""Names under which a version's scores are found, and scorecards of other weights."""

import dataclasses

import pytest
from conftest_registry import candidate, sums

from quintain.errors import RegistryError
from quintain.registry.evidence import refuse_broken
from quintain.registry.measured import headlines, identity_tags, score_metrics, score_tags

MEASURED = candidate(others={"sums": sums(lambda i: i % 4 == 0, digest="a" * 64)}).measured


def test_the_headline_keeps_its_names_and_others_carry_their_benchmark():
    metrics = score_metrics(MEASURED)
    # half holds every second item at every level, the sums every fourth
    assert (metrics["followbench.hsr_mean"], metrics["followbench.hsr_l3"], metrics["followbench.hsr_style"]) == (
        pytest.approx(0.5), pytest.approx(0.5), pytest.approx(0.5),
    )  # fmt: skip
    assert metrics["sums.score"] == pytest.approx(0.25)
    assert set(identity_tags(MEASURED)) == {
        "benchmarks", "pack.digest", "pack.rules", "judge", "sampling", "judgements",
        "pack.digest.sums", "pack.rules.sums", "judge.sums", "sampling.sums", "judgements.sums",
    }  # fmt: skip


def test_a_judge_is_part_of_the_names_so_that_no_chart_mixes_two():
    one = MEASURED["pack"]
    judged = dataclasses.replace(one, scorecard=dataclasses.replace(one.scorecard, judge="gpt@1"))
    (name,) = [name for name in score_metrics({"pack": judged}) if name.endswith(".hsr_mean")]
    assert name.startswith("followbench.judged-")


def test_headlines_come_back_from_tags():
    tags = identity_tags(MEASURED) | score_tags(MEASURED)
    assert headlines(tags) == {"pack": 0.5, "sums": 0.25}
    assert headlines({}) == {}


def test_a_scorecard_of_unknown_weights_is_refused():
    refuse_broken(MEASURED, "base", "a" * 64)
    unknown = dataclasses.replace(MEASURED["sums"].scorecard, model_digest="")
    wrong = {**MEASURED, "sums": dataclasses.replace(MEASURED["sums"], scorecard=unknown)}
    with pytest.raises(RegistryError, match="scorecard of base on sums is of weights unknown, the student has aaaaaa"):
        refuse_broken(wrong, "base", "a" * 64)
