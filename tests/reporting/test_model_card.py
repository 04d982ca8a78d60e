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
        scorecard=scorecard("bmc", 0.9),
        git_commit="c" * 40,
        weights="`data/06_models/bmc`, DVC `1.dir`",
        parents=["version 4 (lion)", "version 1 (base)"],
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
    assert hsr.dataset_name.startswith(facts.scorecard["pack"]["name"])


def test_a_model_that_was_not_scored_claims_no_result(facts):
    macro = {**facts.scorecard["macro"], "hsr": [None] * 5, "hsr_mean": None, "ssr_mean": None, "csl": None}
    card = model_card(dataclasses.replace(facts, scorecard={**facts.scorecard, "macro": macro}))
    assert ModelCard(card).data.eval_results is None
    assert "Nothing of the pack could be scored." in card


def test_the_text_tells_method_descent_numbers_and_limits(facts):
    card = model_card(facts)
    assert "1. Trained from scratch" in card
    assert "2. Instruction pairs reconstructed from web pages (WebR" in card
    assert "It descends from version 4 (lion), which descends from version 1 (base)." in card
    assert "| last_loss | 0.5894 |" in " ".join(card.split())
    assert "| 1,200 |" in card
    assert "95 % interval" in card
    assert "Weakest category" in card
    assert "From one constraint to five it falls from 90.0 to 50.0 %." in card
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
