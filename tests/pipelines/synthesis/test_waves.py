"""Drafts go through the questions in waves: the same pairs at any size, and no more questions than are needed."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from kedro.io import MemoryDataset

from quintain.pipelines.synthesis.waves import wave_size
from tests.pipelines.synthesis.pages_to_pairs import run
from tests.scripted_model import Scripted


class Counting(Scripted):
    """Counts how often each question was asked."""

    def __init__(self, said):
        super().__init__(said)
        self.calls = Counter()

    def generate(self, requests):
        self.calls.update(request.id for request in requests)
        return super().generate(requests)


def with_method(catalog, parameters, **changes):
    catalog["params:synthesis.method"] = MemoryDataset(replace(parameters.method, **changes))


def test_the_size_of_waves_changes_no_pair(catalog, parameters):
    found = []
    for rows in (0, 7):
        with_method(catalog, parameters, wave_rows=rows)
        run(catalog)
        found.append([list(catalog.load(name)) for name in ("instruction_pairs", "dropped_pairs")])
        found[-1].append(json.loads(Path("data/08_reporting/synthesis_funnel.json").read_text()))
    whole, waved = found
    assert whole[0] == waved[0]
    assert {drop.id for drop in whole[1]} == {drop.id for drop in waved[1]}
    assert whole[2] == waved[2]


def test_six_rows_cost_the_calls_of_about_six_pages(catalog, parameters, played):
    author, teacher = Counting("A clerk."), Counting(lambda request: f"Answer number {request.id}.")
    played(author=author, teacher=teacher)
    with_method(catalog, parameters, max_rows=6)
    run(catalog)
    assert len(catalog.load("instruction_pairs")) == 6
    funnel = catalog.load("synthesis_funnel")
    assert sum(author.calls.values()) == funnel["pairs"]["author"]["entered"] <= 18
    assert funnel["not_asked"] == funnel["pages"]["duplicates"]["passed"] - sum(author.calls.values())
    assert set((author.calls + teacher.calls).values()) == {1}


def test_a_run_that_is_repeated_for_more_rows_asks_on_where_it_stood(catalog, parameters):
    with_method(catalog, parameters, max_rows=6)
    run(catalog)
    first = [pair.id for pair in catalog.load("instruction_pairs")]
    before = _answered()
    run(catalog)
    assert [pair.id for pair in catalog.load("instruction_pairs")] == first
    assert _answered() == before
    with_method(catalog, parameters, max_rows=12)
    run(catalog)
    assert len(catalog.load("instruction_pairs")) == 12
    assert before < _answered()


def _answered():
    import sqlite3

    with sqlite3.connect("data/ledger.sqlite") as connection:
        return {key for (key,) in connection.execute("SELECT key FROM calls")}


def test_pages_that_become_no_pair_are_made_up_for(catalog, parameters, played):
    # Every second request is refused, so about twice the pages are asked about.
    def teacher(request):
        refused = request.prompt.startswith("webr/instruction_request") and int(request.id, 16) % 2
        return "I'm sorry, I can't do that." if refused else f"Answer number {request.id}."

    played(author=Scripted("A clerk."), teacher=Scripted(teacher))
    with_method(catalog, parameters, max_rows=20, as_response=0)
    run(catalog)
    assert len(catalog.load("instruction_pairs")) == 20
    assert 25 <= catalog.load("synthesis_funnel")["pairs"]["author"]["entered"] <= 80


@pytest.mark.parametrize(
    ("wanted", "kept", "asked", "size"),
    [
        (100, 0, 0, 100),
        (100, 80, 100, 25),  # 20 are wanted, 4 of 5 are kept
        (100, 99, 100, 4),  # a wave is never of one
        (100, 0, 50, 100),
        (10, 0, 40, 40),  # none was kept: as many again
    ],
)
def test_waves_are_as_large_as_the_share_kept_so_far_asks_for(wanted, kept, asked, size):
    assert wave_size(wanted, kept, asked) == size


def test_progress_says_what_was_spent_and_what_all_will_come_to(catalog, parameters, caplog):
    caplog.set_level("INFO", "quintain.pipelines.synthesis.waves")
    with_method(catalog, parameters, wave_rows=50)
    run(catalog)
    lines = [line for line in caplog.messages if "pages asked about" in line]
    assert lines[0].startswith("50 of ")
    assert "calls, spent " in lines[0]
    assert " of about " in lines[0]
    assert lines[0].endswith(" tokens")
