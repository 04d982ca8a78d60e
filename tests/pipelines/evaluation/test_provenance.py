"""A scorecard is made of judgements of the responses of these very weights, drawn in this very way."""

import dataclasses

import pytest

from quintain.datasets import ModelRef
from quintain.errors import RecordError
from quintain.models.language_model import Sampling
from quintain.pipelines.evaluation.nodes import judge_responses, score_judgements
from quintain.pipelines.evaluation.provenance import drawn_from, judged_from
from quintain.statistics.resampling import Resampling

COMPUTED = {"engine": "local", "number_format": "float32"}
MODEL = ModelRef(path="data/06_models/base", digest="a" * 64, size_bytes=1)


def score(benchmark, responses, judgements, model=MODEL, sampling=Sampling(), by_benchmark=None):  # noqa: B008
    return score_judgements(
        benchmark, responses, judgements, {}, model, sampling, by_benchmark or {}, Resampling(replicates=10)
    )


@pytest.fixture(scope="module")
def measured(almanac, oracle_responses):
    responses = drawn_from(oracle_responses, MODEL, Sampling(), COMPUTED)
    return almanac, responses, judge_responses(almanac, responses)


def test_what_belongs_together_is_scored(measured):
    assert score(*measured).model_digest == "a" * 64


def test_a_scorecard_states_engine_and_number_format(measured):
    assert score(*measured).sampling == dataclasses.asdict(Sampling()) | COMPUTED


def test_a_server_that_does_not_say_its_number_format_leaves_it_open(almanac, oracle_responses):
    responses = drawn_from(oracle_responses, MODEL, Sampling(), {"engine": "server:vllm"})
    judgements = judge_responses(almanac, responses)
    assert score(almanac, responses, judgements).sampling == dataclasses.asdict(Sampling()) | {"engine": "server:vllm"}


def test_responses_of_two_number_formats_make_no_scorecard(measured, oracle_responses):
    almanac, responses, judgements = measured
    others = drawn_from(oracle_responses, MODEL, Sampling(), COMPUTED | {"number_format": "bfloat16"})
    with pytest.raises(RecordError, match=r"computed by local in bfloat16, others by local in float32; run generate"):
        score(almanac, [*responses[:3], *others[3:]], judgements)


def test_responses_of_the_weights_before_are_refused_with_both_digests(measured):
    trained_further = dataclasses.replace(MODEL, digest="b" * 64)
    with pytest.raises(
        RecordError,
        match=r"drawn with weights aaaaaaaaaaaa, the student has weights bbbbbbbbbbbb now; `kedro run --pipelines "
        r"evaluation --namespaces base\.almanac` makes all of them anew",
    ):
        score(*measured, model=trained_further)


def test_responses_that_were_drawn_otherwise_are_refused(measured):
    with pytest.raises(RecordError, match="drawn with sampling"):
        score(*measured, sampling=Sampling(temperature=0.5))
    with pytest.raises(RecordError, match="drawn with sampling"):
        score(*measured, by_benchmark={"almanac": {"sampling": {"max_new_tokens": 3}}})


def test_responses_that_do_not_say_what_they_were_drawn_from_are_refused(measured, oracle_responses):
    almanac, _, judgements = measured
    with pytest.raises(RecordError, match="drawn with weights unknown"):
        score(almanac, oracle_responses, judgements)


def test_judgements_of_other_responses_are_refused(measured):
    almanac, responses, judgements = measured
    others = [dataclasses.replace(each, id="", text="Hm.") for each in responses[:5]]
    with pytest.raises(RecordError, match=r"5 of 60 judgements of base on almanac, such as .* are of other responses"):
        score(almanac, [*others, *responses[5:]], judgements)


def test_a_judgement_keeps_the_parents_that_it_had(measured):
    judgement = measured[2][0]
    (response,) = judgement.origin.parents
    assert judged_from(judgement, "first", response).origin.parents == ("first", response)
    assert judged_from(judgement, "first").id == judgement.id
