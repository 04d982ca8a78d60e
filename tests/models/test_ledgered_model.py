"""A model behind the ledger is asked every question once, whatever happens to the process."""

import dataclasses
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.records import Origin
from tests.models.echo_model import Echo, ask, texts


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.sqlite")


def test_an_answered_call_is_not_asked_again(ledger):
    first, second = Echo(), Echo()
    assert texts(LedgeredModel(first, ledger, "teacher").generate(ask("a", "b"))) == ["A", "B"]
    assert texts(LedgeredModel(second, ledger, "teacher").generate(ask("b", "c", "a"))) == ["B", "C", "A"]
    assert second.seen == ["c"]


class Student(Echo):
    """An echo of a name of its own, which its completions bear."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def generate(self, requests):
        origin = Origin(model=self.name)
        return [dataclasses.replace(one, origin=origin) for one in super().generate(requests)]


@pytest.mark.parametrize("kind", ["local:", "server:llama-server:"])
def test_a_student_of_the_same_weights_is_not_asked_again_and_answers_under_its_own_name(ledger, kind):
    first, equal, other = (Student(f"{kind}{name}") for name in ("lion@6098", "lion@2@6098", "lion@7777"))
    said = LedgeredModel(first, ledger, "student").generate(ask("a"))
    again = LedgeredModel(equal, ledger, "student").generate(ask("a"))
    assert equal.seen == []
    assert [one.origin.model for one in (*said, *again)] == [f"{kind}lion@6098", f"{kind}lion@2@6098"]
    LedgeredModel(other, ledger, "student").generate(ask("a"))
    assert other.seen == ["a"]


def test_equal_requests_in_one_batch_are_asked_once(ledger):
    model = Echo()
    assert texts(LedgeredModel(model, ledger, "teacher").generate(ask("a", "a", "a"))) == ["A", "A", "A"]
    assert model.seen == ["a"]


def test_a_failed_call_is_handed_on_and_asked_again_next_time(ledger):
    model = Echo(fail_on="b")
    first = LedgeredModel(model, ledger, "teacher").generate(ask("a", "b"))
    assert [completion.finish_reason for completion in first] == ["stop", "error"]
    again = Echo()
    LedgeredModel(again, ledger, "teacher").generate(ask("a", "b"))
    assert again.seen == ["b"]


def test_the_first_of_two_processes_decides_what_a_call_was_answered(ledger):
    class Slow(Echo):
        def generate(self, requests):
            LedgeredModel(Echo(), ledger, "teacher").generate(requests)  # another process, quicker than this one
            return [dataclasses.replace(done, id="", text="late") for done in super().generate(requests)]

    assert texts(LedgeredModel(Slow(), ledger, "teacher").generate(ask("a"))) == ["A"]


def test_a_call_that_cannot_be_written_down_keeps_no_other_from_being_kept(ledger, caplog):
    done = LedgeredModel(Echo(), ledger, "teacher").generate(ask("a", "half \ud800", "b"))
    assert texts(done) == ["A", "HALF \ud800", "B"]
    again = Echo()
    LedgeredModel(again, ledger, "teacher").generate(ask("a", "half \ud800", "b"))
    assert again.seen == ["half \ud800"]
    assert "1 answers of test:echo@1 cannot be written" in caplog.text


WORKER = """
import sys, time
from pathlib import Path
sys.path.insert(0, {folder!r})
from quintain.models import ledgered_model as module
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from echo_model import Echo, ask
module._CHUNK_CALLS = 5
class Slow(Echo):
    def generate(self, requests):
        time.sleep(0.05)
        with open({log!r}, "a") as file:
            file.writelines(one.fields["instruction"] + "\\n" for one in requests)
        return super().generate(requests)
done = LedgeredModel(Slow(), Ledger(Path({path!r})), "teacher").generate(ask(*map(str, range({count}))))
print(len(done))
"""


def worker(tmp_path, log, count=100):
    script = textwrap.dedent(WORKER).format(
        folder=str(Path(__file__).parent), log=str(tmp_path / log), path=str(tmp_path / "shared.sqlite"), count=count
    )
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_run_repeats_at_most_the_calls_in_flight(tmp_path):
    first = worker(tmp_path, "first.log")
    log = tmp_path / "first.log"
    while not log.exists() or len(log.read_text().splitlines()) < 20:
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = worker(tmp_path, "second.log")
    output, errors = second.communicate(timeout=500)
    assert output.strip() == "100", errors
    asked_first = set(log.read_text().split())
    asked_second = set((tmp_path / "second.log").read_text().split())
    assert asked_first | asked_second == set(map(str, range(100)))
    assert len(asked_first & asked_second) <= 5  # one chunk was in flight


def test_processes_that_start_on_a_fresh_ledger_share_it(tmp_path):
    together = [worker(tmp_path, f"{name}.log") for name in "abc"]
    for process in together:
        output, errors = process.communicate(timeout=500)
        assert output.strip() == "100", errors
    ledger = Ledger(tmp_path / "shared.sqlite")
    assert [account.calls for account in ledger.accounts()] == [100]
