"""The likelihood of a given response is the sum over its tokens behind its own prompt, whatever stands beside it."""

import math

import pytest
import torch

from quintain.errors import ModelError
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.local import LocalModel
from quintain.models.response_scoring import Prompt, log_likelihoods
from quintain.prompts import request
from tests.scripted_model import Scripted

PROMPTS = ["Tell me about the town.", "Mayor?", "Write exactly two facts. " * 3]
RESPONSES = ["kind", "The mayor is kind.", "A"]


def ask(*texts):
    return [request("student/instruction", {"instruction": text}) for text in texts]


@pytest.fixture(scope="module")
def local(tiny_student):
    return LocalModel(tiny_student, Sampling(), batch_size=3, dtype="float32")


def by_hand(local, asked, response):
    """Token after token, one forward pass each."""
    rendered = Prompt.of(local._encoder, asked)
    prompt, tokens = rendered.ids, rendered.followed_by(local._encoder, response)
    nats, greedy = 0.0, True
    for i, token in enumerate(tokens):
        with torch.inference_mode():
            logits = local._model(input_ids=torch.tensor([[*prompt, *tokens[:i]]])).logits[0, -1]
        nats += float(torch.log_softmax(logits, -1)[token])
        greedy = greedy and int(logits.argmax()) == token
    return nats, greedy


def test_a_likelihood_is_the_sum_over_its_tokens_in_any_batch(local):
    asked = ask(*PROMPTS)
    for (nats, greedy), likelihood in zip(
        [by_hand(local, *pair) for pair in zip(asked, RESPONSES, strict=True)],
        local.score_responses(asked, RESPONSES),
        strict=True,
    ):
        assert likelihood.nats == pytest.approx(nats, abs=1e-4)
        assert (likelihood.greedy, likelihood.fault) == (greedy, "")


def test_choices_of_one_token_are_read_off_one_row(local, monkeypatch):
    read = []
    forward = local._model.forward
    monkeypatch.setattr(
        local._model, "forward", lambda **given: read.append(given["input_ids"].shape) or forward(**given)
    )
    prompt = [5, 6, 7]
    together = log_likelihoods(local._model, [(prompt, [token]) for token in (8, 9, 10, 11)], 0, most_rows=8)
    assert [tuple(shape) for shape in read] == [(1, 3)]
    alone = [log_likelihoods(local._model, [(prompt, [token])], 0, most_rows=8)[0] for token in (8, 9, 10, 11)]
    assert [each.nats for each in together] == pytest.approx([each.nats for each in alone], abs=1e-5)


def test_white_space_behind_the_rendered_prompt_counts_to_the_response(local):
    (asked,) = ask("Mayor?")
    turns = [{"role": message.role, "content": message.content} for message in asked.messages]
    whole = local._encoder.encoded(turns, add_generation_prompt=True)
    prompt = Prompt.of(local._encoder, asked)
    response = prompt.followed_by(local._encoder, "kind")
    assert [*prompt.ids, *response] == local._encoder.ids(f"{whole.text}kind", whole.marks)
    assert len(prompt.ids) <= len(whole.ids)


def test_what_cannot_be_told_has_a_fault_and_spoils_nothing_beside_it(local):
    asked = ask("Mayor?", "Mayor?", "kind " * 400)
    good, empty, long = local.score_responses(asked, ["kind", "", "kind"])
    assert (good.fault, math.isnan(good.nats)) == ("", False)
    assert math.isnan(empty.nats)
    assert long.fault.endswith(f"tokens, the context {local.context_tokens}")


def test_an_address_cannot_tell_likelihoods(tmp_path):
    student = LedgeredModel(Scripted("x"), Ledger(tmp_path / "ledger.sqlite"), "student")
    assert not student.scores_responses
    with pytest.raises(ModelError, match="takes the weights in this process .*the backend `local`"):
        student.score_responses(ask("Mayor?"), ["kind"])
