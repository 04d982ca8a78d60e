"""Batches over a server that speaks the interface: forecast, submitted once, found again, kept, at half the price."""

import json
import logging
import os
import signal
import subprocess
import sys
import time

import pytest

from quintain.errors import BudgetSpent, LedgerError, ModelError
from quintain.models import batch_lines, batches, retries
from quintain.models.batch_notes import BatchNotes, SubmittedBatch
from quintain.models.budget import Budget
from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.roles import Roles, bind, prices
from quintain.models.spending import SharedMeter
from quintain.prompts import request
from quintain.usage import Price
from tests.batch_server import BatchServer, loud
from tests.endpoint_server import refused, said


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(retries, "_FIRST_SECONDS", 0.01)
    monkeypatch.setattr(batches, "_FIRST_POLL_SECONDS", 0.01)
    monkeypatch.setattr(batches, "_LONGEST_POLL_SECONDS", 0.02)


@pytest.fixture
def server():
    with BatchServer(loud) as running:
        yield running


def ask(*texts):
    return [request("student/instruction", {"instruction": text}) for text in texts]


def model(server, tmp_path, notes=None, **settings):
    settings = EndpointSettings(address=server.address, model="m", mode="batch", **settings)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    meter = SharedMeter(ledger, "teacher", settings.name, settings.budget, settings.paid_price)
    notes = notes or BatchNotes(tmp_path / "notes")
    asked = EndpointModel(settings, Sampling(max_new_tokens=16), meter=meter, notes=notes)
    return LedgeredModel(asked, ledger, "teacher")


def texts(completions):
    return [one.text for one in completions]


def test_all_chats_go_as_one_batch_and_come_back_in_order(server, tmp_path):
    done = model(server, tmp_path).generate(ask("a", "b", "c"))
    assert texts(done) == ["A", "B", "C"]
    assert [(one.prompt_tokens, one.completion_tokens) for one in done] == [(5, 1)] * 3
    assert len(server.batches) == 1
    assert server.calls == []
    assert list((tmp_path / "notes").glob("*.json")) == []


def test_what_is_kept_is_in_no_batch_again(server, tmp_path):
    model(server, tmp_path).generate(ask("a", "b"))
    assert texts(model(server, tmp_path).generate(ask("a", "b", "c"))) == ["A", "B", "C"]
    assert server.asked == ["a", "b", "c"]


def test_a_batch_is_foretold_before_it_is_submitted_and_followed_while_it_is_under_way(server, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    server.polls = 3
    model(server, tmp_path, price=Price(input=2, output=8)).generate(ask("a" * 40, "b" * 40))
    # 2 x 10 tokens to read and 2 x 16 to write, at half of 2 and 8 for a million: 20 x 1 + 32 x 4 = 148 millionths
    assert (
        "submitting 2 requests as a batch, about 20 tokens to read and at most 32 to write, at most 0.000148 in money"
        in caplog.text
    )
    assert "is in_progress" in caplog.text


def test_a_batch_costs_half_in_budgets_and_accounts(server, tmp_path):
    binding = {"backend": "openai", "address": server.address, "model": "m", "mode": "batch",
               "price": {"input": 2, "output": 8}}  # fmt: skip
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings={"teacher": binding})
    asked = bind("teacher", roles, stage="synthesis", sampling=Sampling(max_new_tokens=16))
    asked.generate(ask("a", "b"))
    (account,) = Ledger(tmp_path / "ledger.sqlite").accounts()
    # two calls of 5 + 1 tokens: 10 x 1 + 2 x 4
    assert account.money(prices(roles)) == pytest.approx(18e-6)


def test_probes_are_asked_at_once_and_not_in_a_batch(tmp_path):
    with BatchServer(lambda body: said(f"town {body['seed']}")) as server:
        binding = {"backend": "openai", "address": server.address, "model": "m", "mode": "batch"}
        roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings={"teacher": binding})
        bind("teacher", roles, sampling=Sampling(temperature=0.7)).generate(ask("a"))
        assert len(server.calls) == 2
        assert server.asked == ["a"]


def test_rows_that_fail_fail_alone_and_only_they_are_asked_again(tmp_path):
    def reply(body):
        text = body["messages"][-1]["content"]
        return {"bad": refused(400, "no"), "none": None, "half": said("ha", "error")}.get(text, loud(body))

    with BatchServer(reply) as server:
        done = model(server, tmp_path).generate(ask("a", "bad", "none", "half", "b"))
        assert [one.finish_reason for one in done] == ["stop", "error", "error", "error", "stop"]
        assert done[1].text == "HTTP 400: no"
        assert "completed without a reply to it" in done[2].text
        assert "finish_reason 'error'" in done[3].text
        server.asked.clear()
        model(server, tmp_path).generate(ask("a", "bad", "none", "half", "b"))
        assert server.asked == ["bad", "none", "half"]


def test_an_answer_in_a_batch_is_worth_more_than_the_bookkeeping_around_it(tmp_path):
    with BatchServer(loud) as server:
        asked = model(server, tmp_path)
        body = {
            "choices": [{"message": {"content": "A \ud83d"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": float("nan")},
        }
        custom_id = asked._model._asking.id_of(ask("a")[0])
        line = {"custom_id": custom_id, "response": {"status_code": 200, "body": body}}
        rest = [b"no JSON", b"[]", b'{"custom_id": 7}', b'{"custom_id": "another"}', b""]
        server._finish = lambda batch: (
            server.files.update(out=b"\xef\xbb\xbf" + b"\r\n".join([*rest, json.dumps(line).encode(), *rest])),
            batch.update(status="COMPLETED", output_file_id="out"),
        )
        assert texts(asked.generate(ask("a"))) == ["A \ufffd"]


def test_a_batch_that_expires_keeps_what_was_answered(tmp_path):
    def reply(body):
        return loud(body) if body["messages"][-1]["content"] == "a" else None

    with BatchServer(reply, ends="expired") as server:
        done = model(server, tmp_path).generate(ask("a", "b"))
    assert [one.finish_reason for one in done] == ["stop", "error"]
    assert "is expired without a reply" in done[1].text


def test_a_batch_that_fails_says_why_and_costs_nothing(tmp_path):
    with BatchServer(loud, ends="failed") as server:
        asked = model(server, tmp_path, budget=Budget(tokens=100))
        for _ in range(3):  # what was reserved comes back
            with pytest.raises(ModelError, match=r"the batch batch-\w+ failed: the file is no good"):
                asked.generate(ask("a", "b"))
        assert Ledger(tmp_path / "ledger.sqlite").spent("teacher", asked.name).tokens == 0


def test_an_endpoint_without_batches_says_so(tmp_path):
    with BatchServer(loud) as server:
        server.failing = [("POST /v1/files", 404)]
        with pytest.raises(ModelError, match=r"refuses to upload the file.*HTTP 404.*ask one by one .`mode: calls`"):
            model(server, tmp_path).generate(ask("a"))


def test_a_chat_that_does_not_fit_its_schema_is_repaired_in_a_second_batch(tmp_path):
    schema = {"type": "object", "required": ["score"]}

    def reply(body):
        return said('{"score": 7}' if len(body["messages"]) > 1 else "Seven.")

    with BatchServer(reply) as server:
        done = model(server, tmp_path, structured={"student/instruction": schema}).generate(ask("a", "b"))
        assert texts(done) == ['{"score": 7}'] * 2
        assert len(server.batches) == 2


def test_many_chats_are_divided(server, tmp_path, monkeypatch):
    monkeypatch.setattr(batch_lines, "MOST_LINES", 2)
    done = model(server, tmp_path).generate(ask(*"abcde"))
    assert texts(done) == [*"ABCDE"]
    assert sorted(len(batch["lines"]) for batch in server.batches.values()) == [1, 2, 2]


def test_a_budget_holds_and_what_it_holds_is_kept(server, tmp_path):
    # A chat reserves 1 + 16 bytes and 16 to write: 33; of four, two are tried after four do not fit.
    asked = model(server, tmp_path, budget=Budget(tokens=100))
    with pytest.raises(BudgetSpent, match="does not hold one more call"):
        asked.generate(ask(*"abcd"))
    assert server.asked == ["a", "b"]
    assert Ledger(tmp_path / "ledger.sqlite").spent("teacher", asked.name).tokens == 2 * 6
    # 12 are spent now, so that two more fit.
    assert texts(model(server, tmp_path, budget=Budget(tokens=100)).generate(ask(*"abcd"))) == [*"ABCD"]


@pytest.mark.parametrize(
    "failing",
    [
        [("POST /v1/files", 500), ("GET /v1/batches/", 503), ("GET /v1/files/", 429)],
        [("POST /v1/batches", 500)],
        [("POST /v1/batches", 0)],  # the batch was made, and nobody heard of it
        [("POST /v1/batches", 0), ("GET /v1/batches", 500)],
        [("GET /v1/batches/", 0), ("GET /v1/files/", 0)],
    ],
)
def test_failures_on_the_way_are_tried_again_and_no_batch_is_made_twice(server, tmp_path, failing):
    server.failing = failing
    assert texts(model(server, tmp_path).generate(ask("a", "b"))) == ["A", "B"]
    assert server.failing == []
    assert len(server.batches) == 1


def test_two_samples_of_one_request_are_two_chats_even_without_a_seed(server, tmp_path):
    twice = [request("student/instruction", {"instruction": "a"}, sample=sample) for sample in (0, 1)]
    assert texts(model(server, tmp_path, omit=("seed",)).generate(twice)) == ["A", "A"]


WORKER = """
import sys
from pathlib import Path
from quintain.models import batches
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.prompts import request
batches._FIRST_POLL_SECONDS = 0.02
address, ledger = sys.argv[1:]
binding = {"backend": "openai", "address": address, "model": "m", "mode": "batch", "budget": {"tokens": 2000}}
roles = Roles(ledger=ledger, bindings={"teacher": binding})
asked = [request("student/instruction", {"instruction": f"line {i}"}) for i in range(40)]
print([one.text for one in bind("teacher", roles, sampling=Sampling(max_new_tokens=16)).generate(asked)])
"""


def worker(server, ledger):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, server.address, str(ledger)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def test_a_run_that_is_killed_finds_its_batch_again_and_pays_once(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with BatchServer(loud, polls=10**9) as server:
        first = worker(server, path)
        while not any(batch["looks"] for batch in server.batches.values()):
            assert first.poll() is None, first.stderr.read()
            time.sleep(0.01)
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
        server.polls = 0
        output, errors = worker(server, path).communicate(timeout=300)
        assert "'LINE 39'" in output, errors
        assert len(server.batches) == 1
        (account,) = Ledger(path).accounts()
        # What was reserved for the batch of the killed run gave way to what it cost: 40 calls of 5 + 2 tokens.
        assert Ledger(path).spent("teacher", account.model).tokens == 40 * 7


def test_a_batch_whose_name_never_arrived_is_found_by_its_token(server, tmp_path):
    notes = BatchNotes(tmp_path / "notes")
    model(server, tmp_path / "other", notes).generate(ask("a"))  # others are listed before it
    asked = model(server, tmp_path, notes)
    seen = []

    def remember(batch, batch_id):
        seen.append(batch)
        raise KeyboardInterrupt  # killed between the batch and its name

    notes.named = remember
    with pytest.raises(KeyboardInterrupt):
        asked.generate(ask("b", "c"))
    assert len(server.batches) == 2
    assert texts(model(server, tmp_path).generate(ask("b", "c"))) == ["B", "C"]
    assert len(server.batches) == 2


def test_a_note_of_a_batch_that_never_reached_the_provider_is_dropped(server, tmp_path):
    asked = model(server, tmp_path)
    custom_id = asked._model._asking.id_of(ask("a")[0])
    lost = SubmittedBatch("token", asked.name, server.address, (custom_id,), "reservation")
    BatchNotes(tmp_path / "notes").write(lost)
    assert texts(asked.generate(ask("a"))) == ["A"]
    assert not (tmp_path / "notes" / "token.json").exists()


def test_a_batch_gives_what_is_asked_for_and_the_rest_to_whoever_asks_later(server, tmp_path):
    notes = BatchNotes(tmp_path / "notes")
    asked = model(server, tmp_path, notes)
    notes.remove = lambda batch: None  # killed before the batch could be forgotten
    asked.generate(ask(*"abcd"))
    (tmp_path / "ledger.sqlite").unlink()
    assert texts(model(server, tmp_path).generate(ask("a", "b"))) == ["A", "B"]
    assert texts(model(server, tmp_path).generate(ask("c", "d", "e"))) == ["C", "D", "E"]
    assert server.asked == [*"abcde"]
    assert list((tmp_path / "notes").glob("*.json")) == []


def test_a_provider_that_lists_no_batches_is_asked_by_hand_what_became_of_one(server, tmp_path):
    asked = model(server, tmp_path)
    custom_id = asked._model._asking.id_of(ask("a")[0])
    BatchNotes(tmp_path / "notes").write(SubmittedBatch("token", asked.name, server.address, (custom_id,), "r"))
    server.failing = [("GET /v1/batches", 405)]
    with pytest.raises(ModelError, match=r"list batches.*HTTP 405.*noted in .*token\.json.*see at the provider"):
        asked.generate(ask("a"))
    assert server.batches == {}


def test_a_batch_of_which_nobody_can_tell_whether_it_came_through_stays_noted(server, tmp_path):
    server.failing = [("POST /v1/batches", 0), ("GET /v1/batches", 405)]
    with pytest.raises(ModelError, match="list batches"):
        model(server, tmp_path).generate(ask("a"))
    assert texts(model(server, tmp_path).generate(ask("a"))) == ["A"]
    assert len(server.batches) == 1


def test_a_note_that_cannot_be_read_stops_before_anything_is_paid_twice(server, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "x.json").write_text("{")
    with pytest.raises(LedgerError, match=r"x\.json cannot be read.*see at the provider"):
        model(server, tmp_path).generate(ask("a"))
    assert server.batches == {}


def test_a_mode_of_asking_is_no_part_of_a_models_identity(server, tmp_path):
    model(server, tmp_path).generate(ask("a"))
    settings = EndpointSettings(address=server.address, model="m")
    one_by_one = EndpointModel(settings, Sampling(max_new_tokens=16))
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert texts(LedgeredModel(one_by_one, ledger, "teacher").generate(ask("a"))) == ["A"]
    assert server.calls == []


def test_the_body_of_a_line_is_what_a_single_call_would_send(server, tmp_path):
    model(server, tmp_path, extra={"top_k": 3}).generate(ask("a"))
    (line,) = map(json.loads, server.files["file-0"].splitlines())
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert set(line["body"]) == {"model", "messages", "max_tokens", "temperature", "top_p", "seed", "top_k"}
