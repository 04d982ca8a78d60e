"""Held-out loss: who is held out, what is measured, when it stops, and which student is kept."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.errors import RecordError
from quintain.records import InstructionPair
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.train import train_on_preferences
from quintain.training.row_rendering import encoder_of
from quintain.training.sft import SftParams, fine_tune
from quintain.training.start_model import open_start
from quintain.training.token_rows import IGNORED, as_rows
from quintain.training.validation import best_of, held_out, split_off

PARAMS = SftParams(steps=6, batch_size=3, learning_rate=1e-2, max_length=128, checkpoint_steps=2, validation_share=0.25)
LORA = {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}


def pairs(count=24):
    return [
        InstructionPair(
            instruction=f"Tell me about town {i}.", response=f"The mayor of town {i} is kind.", kind="distilled"
        )
        for i in range(count)
    ]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=60), st.floats(0.01, 0.99))
def test_all_items_of_a_prompt_fall_on_one_side_whatever_their_order(prompts, share):
    kept, apart = split_off(prompts, lambda prompt: prompt, share, "draw")
    assert not set(kept) & set(apart)
    assert sorted(kept + apart) == sorted(prompts)
    assert len(set(apart)) == max(1, round(share * len(set(prompts))))
    assert set(split_off(prompts[::-1], lambda prompt: prompt, share, "draw")[1]) == set(apart)


def test_nothing_is_held_out_at_a_share_of_0_and_one_prompt_cannot_be_split():
    assert held_out([1, 2], lambda item: item, 0.0, "x") == ([1, 2], [])
    with pytest.raises(RecordError, match=r"all 2 pairs have one prompt.*finetuning\.sft\.validation_share to 0"):
        held_out([1, 2], lambda _: "same", 0.5, "finetuning.sft")


def mean_loss_per_token(model, tokenizer, some):
    """The loss by its definition, row by row."""
    import torch

    model.eval()
    total, count = 0.0, 0
    for row in as_rows(encoder_of(tokenizer), some, 128).rows:
        ids, labels = torch.tensor([row["input_ids"]]), torch.tensor(row["labels"])
        with torch.no_grad():
            logps = model(input_ids=ids).logits[0].double().log_softmax(-1)
        for place in (labels != IGNORED).nonzero()[:, 0].tolist():
            total -= logps[place - 1, labels[place]].item()
            count += 1
    return total / count


@pytest.mark.parametrize("lora", [{}, LORA])
def test_the_best_student_is_kept_and_its_loss_is_the_mean_over_held_out_tokens(tiny_student, tmp_path, lora):
    params = dataclasses.replace(PARAMS, lora=lora)
    trained = fine_tune(tiny_student, pairs(), params, tmp_path)
    assert [point["step"] for point in trained.validation] == [2, 4, 6]
    best = min(trained.validation, key=lambda point: point["loss"])
    assert trained.summary["best_step"] == best["step"]
    assert trained.summary["rows"] == 18
    unseen = held_out(pairs(), lambda pair: pair.instruction, 0.25, "x")[1]
    measured = mean_loss_per_token(trained.model, trained.tokenizer, unseen)
    assert measured == pytest.approx(best["loss"], rel=1e-5)
    assert trained.summary["validation_loss"] == best["loss"]


def test_a_training_that_no_longer_helps_stops_early_and_goes_back(tiny_student, tmp_path):
    params = dataclasses.replace(PARAMS, steps=40, learning_rate=0.3, patience=2, warmup_ratio=0.0)
    trained = fine_tune(tiny_student, pairs(), params, tmp_path)
    losses = [point["loss"] for point in trained.validation]
    assert trained.summary["steps"] < 40
    assert losses.index(min(losses)) == len(losses) - 3
    unseen = held_out(pairs(), lambda pair: pair.instruction, 0.25, "x")[1]
    assert mean_loss_per_token(trained.model, trained.tokenizer, unseen) == pytest.approx(min(losses), rel=1e-5)


def test_without_a_share_nothing_is_measured(tiny_student, tmp_path):
    trained = fine_tune(tiny_student, pairs(), dataclasses.replace(PARAMS, validation_share=0.0), tmp_path)
    assert trained.validation == []
    assert "best_step" not in trained.summary
    assert best_of([]) == {}


def test_patience_without_a_held_out_loss_is_refused():
    with pytest.raises(ValueError, match="patience would have no effect"):
        dataclasses.replace(PARAMS, validation_share=0.0, patience=1)


def test_held_out_rows_that_are_all_too_long_are_an_error(tiny_student, tmp_path):
    unseen = held_out(pairs(), lambda pair: pair.instruction, 0.25, "x")[1]
    longer = [
        dataclasses.replace(pair, id="", response=pair.response * 30) if pair in unseen else pair for pair in pairs()
    ]
    with pytest.raises(RecordError, match="none of 6 pairs fits into 128 tokens"):
        fine_tune(tiny_student, longer, PARAMS, tmp_path)


@pytest.mark.parametrize("reference", ["cached", "live"])
def test_preference_training_holds_pairs_out_and_keeps_the_best(tiny_student, tmp_path, reference):
    from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
    from tests.training.preference.conftest import make_pairs

    tokenizer = open_start(tiny_student)[1]
    rows, _ = tokenize_pairs(encoder_of(tokenizer), make_pairs(), TokenizationParams(max_length=128))
    params = PreferenceParams(
        steps=6, batch_size=3, learning_rate=1e-3, checkpoint_steps=2, validation_share=0.25, reference=reference
    )
    trained = train_on_preferences(tiny_student, rows, params, tmp_path)
    unseen = held_out(rows, lambda row: row.prompt_ids, 0.25, "x")[1]
    assert trained.summary["rows"] == len(rows) - len(unseen)
    assert [point["step"] for point in trained.validation] == [2, 4, 6]
    assert trained.validation[-1]["loss"] < 0.6931  # log 2 is where it starts
    again = mean_pair_loss(trained.model, open_start(tiny_student)[0], unseen, params)
    assert again == pytest.approx(trained.summary["validation_loss"], rel=0.02 if reference == "cached" else 1e-5)


def mean_pair_loss(policy, reference, rows, params):
    """DPO's loss with weights by its definition, pair by pair."""
    import math

    from quintain.training.preference.measures import credit_pairs

    losses = []
    for pair in credit_pairs(policy, reference, rows):
        sums = [
            sum(weight * ratio for weight, ratio in zip(side.weights(params.delta), side.ratios, strict=True))
            for side in (pair.chosen, pair.rejected)
        ]
        losses.append(math.log1p(math.exp(-params.beta * (sums[0] - sums[1]))))
    return sum(losses) / len(losses)
