"""The slice of a ledger says how many calls stand behind a model, and which."""

import pytest

from quintain.errors import LedgerError
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger, call_key
from quintain.models.ledger_slice import ledger_slices
from quintain.records import Completion, Message, Request
from quintain.usage import Price


def keep(ledger, stage, role, prompt, texts):
    requests = [
        Request(prompt=prompt, fields={"text": text}, messages=(Message(role="user", content=text),)) for text in texts
    ]
    ledger.keep(
        role, stage, "model",
        [
            (call_key("model", Sampling(), request), request,
             Completion(request_id=request.id, text="yes", finish_reason="stop", prompt_tokens=10, completion_tokens=2))
            for request in requests
        ],
    )  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "ledger.sqlite"
    opened = Ledger(path)
    keep(opened, "synthesis", "teacher", "ask@1", ["a", "b", "c"])
    keep(opened, "synthesis", "author", "write@2", ["a"])
    keep(opened, "evaluation", "student", "ask@1", ["d"])
    return path


def test_calls_are_counted_by_stage_role_model_and_prompt(ledger):
    author, teacher = ledger_slices(ledger, {"synthesis", "world"}, {"model": Price(input=1e5, output=1e6)})
    assert (author.role, author.calls) == ("author", 1)
    assert (teacher.stage, teacher.role, teacher.model, teacher.prompt) == ("synthesis", "teacher", "model", "ask@1")
    # 3 calls: 30 tokens at 0.1 and 6 at 1
    assert (teacher.calls, teacher.prompt_tokens, teacher.completion_tokens) == (3, 30, 6)
    assert teacher.money == pytest.approx(9.0)


def test_a_digest_changes_with_the_calls_and_not_with_their_order(ledger, tmp_path):
    other = Ledger(tmp_path / "other.sqlite")
    keep(other, "synthesis", "teacher", "ask@1", ["c", "a", "b"])
    (same,) = ledger_slices(tmp_path / "other.sqlite", ["synthesis"], {})
    _, teacher = ledger_slices(ledger, ["synthesis"], {})
    assert (same.digest, same.money) == (teacher.digest, None)
    keep(other, "synthesis", "teacher", "ask@1", ["e"])
    (more,) = ledger_slices(tmp_path / "other.sqlite", ["synthesis"], {})
    assert more.digest != same.digest


def test_where_nobody_was_asked_there_is_no_slice(ledger, tmp_path):
    assert ledger_slices(tmp_path / "none.sqlite", ["synthesis"], {}) == []
    assert not (tmp_path / "none.sqlite").exists()
    assert ledger_slices(ledger, [], {}) == []


def test_a_file_that_is_no_ledger_is_named(tmp_path):
    (tmp_path / "x.sqlite").write_text("no database at all, just some text that is long enough")
    with pytest.raises(LedgerError, match="x.sqlite could not be read"):
        ledger_slices(tmp_path / "x.sqlite", ["synthesis"], {})
