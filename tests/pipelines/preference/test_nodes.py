"""A student learns from enough pairs, and is measured on those it has not seen."""

from pathlib import Path

import pytest
from safetensors.torch import load_file

from quintain.errors import RecordError
from quintain.pipelines.preference.losers import LoserParams
from quintain.pipelines.preference.nodes import hold_out
from quintain.pipelines.preference.pairs import PairParams
from quintain.records import Completion, TokenizedPair
from quintain.training.preference.arms import SweepParams
from tests.pipelines.preference.pairs import row_of


def test_a_sweep_chooses_on_one_half_of_the_unseen_pairs_and_reports_on_the_other(run):
    catalog = run(PairParams(held_out=0.3), sweep=SweepParams(steps=1, beta_multiples=[1.0, 3.0]))
    arms = catalog.load("bmc.arms")
    unseen = hold_out(catalog.load("bmc.preference_tokens"), 0.3)[1]
    assert arms["held_out"] + arms["chosen_on"] == len(unseen)
    assert len(catalog.load("bmc.sweep")["trainings"]) == 4 * 2 + 2
    assert f"chosen on {arms['chosen_on']} other unseen pairs" in catalog.load("bmc.arms_table")


def test_a_student_that_is_always_right_is_handed_on_as_it_is(run, gold, student, monkeypatch):
    said = {pair.instruction: pair.response for pair in gold}

    def right(_, requests):
        yield [
            (place, Completion(request_id=one.id, text=said[one.fields["instruction"]], finish_reason="stop"))
            for place, one in enumerate(requests)
        ]

    monkeypatch.setattr("quintain.models.local.LocalModel.stream", right)
    catalog = run(losers=LoserParams(prompts=50))
    assert catalog.load("bmc.original_pairs") == catalog.load("bmc.preference_tokens") == []
    summary = catalog.load("bmc.training")
    assert (summary["steps"], summary["rows"]) == (0, 0)
    assert summary["reason"].startswith("0 prompts have a losing response to learn from")
    before, after = (load_file(Path(folder) / "model.safetensors") for folder in (student, "data/06_models/bmc"))
    assert before.keys() == after.keys()
    assert all(weight.equal(after[name]) for name, weight in before.items())
    assert catalog.load("bmc.preference_report")["funnel"]["losers"]["dropped"] == {"gold": 50}
    assert catalog.load("bmc.arms")["arms"] == catalog.load("bmc.preference") == {}
    assert "too few pairs to look at" in catalog.load("bmc.token_credit")


def test_a_student_with_few_faults_is_handed_on_as_it_is(run, given):
    catalog = run(losers=LoserParams(source="given", prompts=50), given=given[:5])
    summary = catalog.load("bmc.training")
    assert 0 < summary["rows"] <= 5
    assert summary["steps"] == 0
    assert "preference.pairs.fewest_prompts asks for 8" in summary["reason"]


def test_pairs_of_one_prompt_fall_on_one_side():
    rows = [row_of(prompt) for prompt in range(20)]
    rows += [TokenizedPair(**{**vars(row), "id": "", "chosen_ids": (9,)}) for row in rows]
    learned, unseen = hold_out(rows, 0.25)
    assert (len(learned), len(unseen)) == (30, 10)
    assert not {row.prompt_ids for row in learned} & {row.prompt_ids for row in unseen}
    with pytest.raises(RecordError, match="1 pairs of 1 prompts cannot be split"):
        hold_out(rows[:1], 0.1)
