"""A model card says in the hub's own format what a model is, and in words where its limits are."""

import dataclasses

import pytest
from huggingface_hub import ModelCard

from quintain.reporting.model_card import CardFacts, model_card


@pytest.fixture
def facts(scorecard):
    return CardFacts(
        name="quintain-student",
        version="5",
        student="bmc",
        digest="a" * 64,
        scorecards={"small": scorecard("bmc", 0.9)},
        git_commit="c" * 40,
        weights="`data/06_models/bmc`, DVC `1.dir`",
        parents=["version 4 (lion)", "version 1 (base)"],
        start="from scratch",
        stages=["world", "synthesis", "finetuning-webr", "preference"],
        parameters={"last_loss": "0.58943624", "steps": "100", "start": "lion"},
        calls=[
            {
                "role": "teacher",
                "model": "oracle",
                "prompt": "ask@1",
                "calls": 1200,
                "prompt_tokens": 9,
                "completion_tokens": 3,
            }
        ],
    )


def test_the_hub_reads_the_header(facts):
    data = ModelCard(model_card(facts)).data
    assert (data.library_name, data.pipeline_tag, data.language) == ("transformers", "text-generation", "en")
    assert data.license == "other"
    assert {"quintain", "preference"} <= set(data.tags)
    assert data.model_name == "quintain-student-5"
    hsr, _, csl = data.eval_results
    # the macro HSR of the fixture is 0.7, its CSL 2.5
    assert (hsr.metric_type, hsr.metric_value) == ("hard_satisfaction_rate", pytest.approx(0.7))
    assert (csl.metric_type, csl.metric_value) == ("consistent_satisfaction_levels", pytest.approx(2.5))
    assert hsr.dataset_name.startswith("small")


def test_a_model_that_was_not_scored_claims_no_result(facts, scorecard):
    nothing = scorecard("bmc", holes=(1, 2, 3, 4, 5))
    card = model_card(dataclasses.replace(facts, scorecards={"small": nothing}))
    assert ModelCard(card).data.eval_results is None
    assert "Nothing of it could be scored." in card


def test_several_benchmarks_have_a_section_and_results_each(facts, flat_scorecard):
    text = model_card(dataclasses.replace(facts, scorecards={**facts.scorecards, "ifeval": flat_scorecard}))
    assert text.index("### small") < text.index("### ifeval")
    results = {each.metric_type: each.metric_value for each in ModelCard(text).data.eval_results}
    assert (results["hard_satisfaction_rate"], results["prompt_strict"]) == (pytest.approx(0.7), pytest.approx(0.4))
    assert "- ifeval: 0 of 541 scored items have a verdict that could not be read; 0 were not scored." in text


def test_a_model_that_somebody_else_trained_is_not_said_to_be_trained_from_scratch(facts):
    foreign = dataclasses.replace(facts, parents=[], start="from HuggingFaceTB/SmolLM2-135M@93efa2f")
    text = model_card(foreign)
    assert "It started from HuggingFaceTB/SmolLM2-135M@93efa2f." in text
    assert "from scratch" not in text
    assert "1. Data of the embedded world." in text


def test_the_text_tells_method_descent_numbers_and_limits(facts):
    card = model_card(facts)
    assert "1. Trained from scratch" in card
    assert "2. Instruction pairs reconstructed from web pages (WebR" in card
    assert (
        "It descends from version 4 (lion), which descends from version 1 (base), which started from scratch." in card
    )
    assert "| last_loss | 0.5894 |" in " ".join(card.split())
    assert "| 1,200 |" in card
    assert "95 % interval" in card
    assert "Weakest category" in card
    assert "From 1 to 5 constraints it falls from 90.0 to 50.0 %." in card
    assert "is not at hand" in card  # no funnel was found


def test_funnel_licences_and_figures_are_shown_where_they_are_known(facts):
    count = {"entered": 10, "passed": 8, "dropped": {"few-words": 2}}
    card = model_card(
        dataclasses.replace(
            facts, funnel={"pages": {"read": count}, "pairs": {}}, licences={"CC BY": 3, "": 5},
            figures=["figures/levels.png"], merged=True,
        )
    )  # fmt: skip
    assert "| pages: read |      10 |      8 | 2 few-words |" in card
    assert card.index("| not stated |") < card.index("| CC BY")  # the more frequent first
    assert "![figures/levels.png](figures/levels.png)" in card
    assert "merged into its base" in card


def test_what_was_lost_against_the_version_before_it_is_told(facts):
    table = "| benchmark | before |"
    card = model_card(dataclasses.replace(facts, retention=table))
    assert f"## Against version 4 (lion)\n\n{table}\n" in card
    assert "## Against" not in model_card(facts)
