"""What a student thinks of unseen pairs, by hand where it can be."""

import math

import pytest
import torch

from quintain.records import TokenizedPair
from quintain.training.preference import measures
from quintain.training.preference.measures import PairCredit, ResponseCredit, as_shown, credit_pairs, summarise
from quintain.training.start_model import open_start

ROW = TokenizedPair(
    pair_id="a", prompt_ids=(1,), chosen_ids=(2, 3), rejected_ids=(2,), chosen_modified=(0, 1), rejected_modified=(1,),
    edit_distance=0.5, original_distance=0.5,
)  # fmt: skip
CHOSEN = ResponseCredit((2, 3), (0, 1), [math.log(0.5), math.log(0.8)], [0.0, 1.0], [0.1, 0.3])
REJECTED = ResponseCredit((2,), (1,), [math.log(0.1)], [-0.5], [0.2])


def test_the_summary_is_the_arithmetic_of_its_tokens():
    found = summarise([PairCredit(ROW, CHOSEN, REJECTED)], beta=0.1, delta=2.0)
    assert found == {
        "accuracy": 1.0,
        "margin": 0.15,  # 0.1 × (1.0 + 0.5)
        "dpo_loss": 0.621,  # -log σ(0.15) = log(1 + e^-0.15)
        "displacement_chosen": 1.0,
        "displacement_rejected": -0.5,
        "kl_nats_per_token": 0.2,
        "edited_share": 0.6667,  # 2 of 3 tokens
        "clamped_share": 0.5,  # weights 2.25 and 3, the cap is 3
        "mean_weight": 2.0833,  # (1 + 2.25 + 3) / 3
    }


def test_without_a_delta_every_token_weighs_one():
    found = summarise([PairCredit(ROW, CHOSEN, REJECTED)], beta=0.1, delta=None)
    assert (found["mean_weight"], found["clamped_share"]) == (1.0, 0.0)


def test_a_model_is_at_no_distance_from_itself(tiny_student, rows):
    model = open_start(tiny_student)[0]
    found = summarise(credit_pairs(model, model, rows[:5]), beta=0.1, delta=2.0)
    assert (found["margin"], found["kl_nats_per_token"], found["displacement_chosen"]) == (0, 0, 0)


def test_kl_is_over_the_whole_vocabulary_at_each_response_token(tiny_student, rows):
    policy, reference = open_start(tiny_student)[0], open_start(tiny_student)[0]
    torch.manual_seed(0)
    with torch.no_grad():
        policy.lm_head.weight += 0.05 * torch.randn_like(policy.lm_head.weight)
    (credit,) = credit_pairs(policy, reference, rows[:1])
    ids = torch.tensor([[*rows[0].prompt_ids, *rows[0].chosen_ids]])
    with torch.no_grad():
        ours, theirs = (model(input_ids=ids).logits[0].log_softmax(-1) for model in (policy, reference))
    at = len(rows[0].prompt_ids) - 1  # the position before predicts the token
    expected = torch.distributions.kl_divergence(
        torch.distributions.Categorical(logits=ours[at]), torch.distributions.Categorical(logits=theirs[at])
    )
    assert credit.chosen.kl_nats[0] == pytest.approx(expected.item(), rel=1e-4)
    assert min(credit.chosen.kl_nats) > 0


def test_a_large_vocabulary_makes_small_batches_and_changes_nothing(tiny_student, rows, monkeypatch):
    policy, reference = open_start(tiny_student)[0], open_start(tiny_student)[0]
    with torch.no_grad():
        policy.lm_head.weight *= 1.1
    whole = credit_pairs(policy, reference, rows[:7])
    shapes = []
    policy.register_forward_hook(lambda _model, _inputs, output: shapes.append(output.logits.shape))
    widest = max(len(row.prompt_ids) + max(len(row.chosen_ids), len(row.rejected_ids)) for row in rows[:7])
    most = 2 * 3 * widest * policy.config.vocab_size  # room for three pairs at least
    monkeypatch.setattr(measures, "_MOST_SCORES", most)
    parts = credit_pairs(policy, reference, rows[:7])
    assert all(math.prod(shape) <= most for shape in shapes)
    assert 2 <= len(shapes) <= 3
    assert sum(shape[0] for shape in shapes) == 2 * 7
    assert [one.row for one in parts] == list(rows[:7])
    assert [one.margin for one in parts] == pytest.approx([one.margin for one in whole], abs=1e-4)
    monkeypatch.setattr(measures, "_MOST_SCORES", 1)  # a pair is asked, however large the vocabulary
    assert len(credit_pairs(policy, reference, rows[:2])) == 2


def test_shown_tokens_put_together_are_the_response(tiny_student, rows):
    model, tokenizer = open_start(tiny_student)
    (shown,) = as_shown(credit_pairs(model, model, rows[:1]), tokenizer, beta=0.1, delta=2.0)
    said = "".join(token["text"] for token in shown["sides"][0]["tokens"])
    assert said == tokenizer.decode(list(rows[0].chosen_ids))
    assert "Tell me about town 0." in shown["prompt"]
