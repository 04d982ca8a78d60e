"""A stage goes through with a teacher that is slower the more it is asked at a time, and nothing is paid twice."""

import contextlib
import json
import sqlite3
from collections import Counter

from kedro.io import MemoryDataset

from quintain.models.roles import Roles
from tests.endpoint_server import EndpointServer, said
from tests.pipelines.synthesis.pages_to_pairs import run


def answers(ledger):
    """Last turn of each chat in a ledger → its answer."""
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        rows = connection.execute("SELECT request, completion FROM calls").fetchall()
    return {json.loads(asked)["messages"][-1]["content"]: json.loads(given)["text"] for asked, given in rows}


def test_sixty_four_at_once_are_not_forced_upon_a_slow_teacher(catalog, tmp_path):
    run(catalog)
    pairs = [pair.response for pair in catalog.load("instruction_pairs")]
    known = answers(tmp_path / "data/ledger.sqlite")
    with EndpointServer(lambda _: said("x")) as server:
        # All at once would take 64 x 0.03 = 1.92 s each, and the time-out is 1.7 s.
        server.reply = lambda call: said(known[call.prompt], after_seconds=0.03 * server.in_flight)
        slow = {"backend": "openai", "address": server.address, "model": "m", "concurrency": 64, "timeout_seconds": 1.7}
        roles = Roles(ledger="data/slow.sqlite", bindings=dict.fromkeys(("author", "teacher"), slow))
        catalog["params:roles"] = MemoryDataset(roles)
        run(catalog)
        bodies = Counter(json.dumps(call.body, sort_keys=True) for call in server.calls)
    assert len(pairs) > 50
    assert [pair.response for pair in catalog.load("instruction_pairs")] == pairs
    assert set(bodies.values()) == {1}
    assert len(bodies) == len(answers(tmp_path / "data/slow.sqlite"))
