"""Budgets hold over all processes on one ledger, whatever becomes of the processes."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from quintain.models.budget import Budget
from quintain.models.ledger import Ledger
from quintain.models.spending import SharedMeter
from quintain.usage import NOTHING, Price, Usage
from tests.endpoint_server import EndpointServer, said

CALL = Usage(1, 100, 50)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


def meter(path, budget=None, price=None):
    return SharedMeter(Ledger(path), "teacher", "m", budget or Budget(tokens=400), price)


def spent(path):
    return Ledger(path).spent("teacher", "m")


def test_room_that_one_process_has_reserved_no_other_gets(path):
    one, other = meter(path), meter(path)
    first, second = one.reserve(CALL, 60), other.reserve(CALL, 60)
    assert first
    assert second
    assert one.reserve(CALL, 60) is None  # 150 + 150 + 150 > 400
    assert other.is_waiting()
    other.settle(second, Usage(1, 20, 5))
    assert spent(path) == Usage(1, 20, 5)
    assert one.reserve(CALL, 60)  # 25 + 150 + 150


def test_a_budget_in_money_and_one_in_calls_hold(path):
    price = Price(input=2, output=8)  # a call is 100 x 2 + 50 x 8 = 600 millionths
    assert meter(path, Budget(money=0.0006), price).reserve(CALL, 60)
    assert meter(path, Budget(money=0.0011), price).reserve(CALL, 60) is None
    assert meter(path, Budget(calls=2)).reserve(CALL, 60)
    assert meter(path, Budget(calls=2)).reserve(CALL, 60) is None
    assert meter(path, Budget()).reserve(CALL, 60)


def test_a_call_counts_once_whoever_settles_it(path):
    late, other = meter(path), meter(path)
    reservation = late.reserve(CALL, -120)  # its time is over
    assert not other.is_waiting()
    assert spent(path) == CALL  # it may have been paid
    late.settle(reservation, Usage(1, 20, 5))
    assert spent(path) == CALL


@pytest.mark.parametrize(("host", "seconds", "waits"), [("elsewhere", 3600, True), ("elsewhere", -1, False)])
def test_another_machine_has_the_time_of_its_call(path, host, seconds, waits):
    ours = meter(path)
    ours.reserve(CALL, 60)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE reserved SET host = ?, pid = 1, ends_at = ?", (host, time.time() + seconds))
    connection.close()
    assert ours.is_waiting() == waits
    assert spent(path) == (NOTHING if waits else CALL)


def test_answers_that_were_kept_without_a_reservation_are_spent(path):
    Ledger(path).count_failures("teacher", "", "m", Usage(0, 300, 60))
    assert meter(path).reserve(CALL, 60) is None
    assert meter(path, Budget(tokens=510)).reserve(CALL, 60)


def test_a_ledger_that_cannot_be_written_takes_no_answer_down(path, monkeypatch, caplog):
    ours = meter(path)
    reservation = ours.reserve(CALL, 60)
    monkeypatch.setattr("quintain.models.ledger_file._WAIT_SECONDS", 0.05)
    holder = sqlite3.connect(path)
    holder.execute("BEGIN IMMEDIATE")
    ours.settle(reservation, Usage(1, 20, 5))
    holder.close()
    assert "will count with the most it may cost" in caplog.text
    assert ours.is_waiting()


# --- processes -------------------------------------------------------------------------------------------------------

WORKER = """
import sys
from pathlib import Path
from quintain.errors import BudgetSpent
from quintain.models.budget import Budget
from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.spending import SharedMeter
from quintain.prompts import request

path, address, name, tokens, count = sys.argv[1:]
settings = EndpointSettings(address=address, model="m", budget=Budget(tokens=int(tokens)), concurrency=4)
ledger = Ledger(Path(path))
meter = SharedMeter(ledger, "teacher", settings.name, settings.budget, settings.price)
model = LedgeredModel(EndpointModel(settings, Sampling(max_new_tokens=16), meter=meter), ledger, "teacher")
requests = [request("student/instruction", {"instruction": f"{name} {index}"}) for index in range(int(count))]
try:
    model.generate(requests)
except BudgetSpent as spent:
    print("spent", spent)
else:
    print("finished")
"""


def process(path, server, name, tokens, count):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WORKER), path, server.address, name, str(tokens), str(count)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_eight_processes_spend_one_budget(path):
    with EndpointServer(
        lambda _: said("x", usage={"prompt_tokens": 9, "completion_tokens": 6}, after_seconds=0.01)
    ) as server:
        # 40 calls each would take 8 x 40 x 15 = 4,800 tokens
        together = [process(path, server, f"p{name}", 1500, 40) for name in range(8)]
        outputs = [one.communicate(timeout=300) for one in together]
        # Of eight that take their time two may be done before the others begin.
        finished = sum(output.startswith("finished") for output, _ in outputs)
        assert finished <= 2, outputs
        assert sum(output.startswith("spent") for output, _ in outputs) == 8 - finished, outputs
        paid = 15 * len(server.calls)
        # The next call reserves 5 or 4 bytes, 16 for its turn and 16 to write.
        assert 1500 - 37 < paid <= 1500
        (model,) = {account.model for account in Ledger(path).accounts()}
        assert Ledger(path).spent("teacher", model).tokens == paid
        assert Ledger(path).accounts()[0].calls == len(server.calls)


def test_a_kill_in_flight_neither_loses_the_budget_nor_hands_it_out_twice(path):
    asked = threading.Semaphore(0)

    def slow(call):
        asked.release()
        return said("x", usage={"prompt_tokens": 9, "completion_tokens": 6}, after_seconds=0 if call.order >= 4 else 60)

    with EndpointServer(slow) as server:
        killed = process(path, server, "a", 400, 40)
        for _ in range(4):
            assert asked.acquire(timeout=120), killed.poll()
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        output, errors = process(path, server, "b", 400, 40).communicate(timeout=120)
        assert output.startswith("spent"), errors
        (model,) = {account.model for account in Ledger(path).accounts()}
        total = Ledger(path).spent("teacher", model)
        # Four calls of 3 bytes + 16 + 16 may have been paid; 15 for each of the others, until 35 do not fit.
        assert total.calls == len(server.calls)
        assert total.tokens == 4 * 35 + 15 * (len(server.calls) - 4)
        assert 400 - 36 < total.tokens <= 400
        connection = sqlite3.connect(path)
        assert connection.execute("SELECT COUNT(*) FROM reserved").fetchone() == (0,)
        connection.close()
