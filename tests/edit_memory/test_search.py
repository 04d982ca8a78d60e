"""A question finds the newest edit of each slot, by whatever retrieval."""

import logging
import time

import numpy as np
import pytest

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams
from tests.methods.lte.edits import mayor, passing

QUESTION = "Who is the mayor of Veldmark?"


@pytest.mark.parametrize("retrieval", ["lexical", "fused"])
def test_other_retrievals_find_the_same_and_see_new_edits_and_the_past(tmp_path, retrieval):
    with EditMemory.open(tmp_path, HashedNgrams(), retrieval=retrieval) as memory:
        ids = memory.add([mayor(f"Mayor {number}", f"Town {number}") for number in range(40)])
        then = time.time()
        memory.revoke(ids[:20])
        (added,) = memory.add([mayor("Ada Brook")])
        assert [hit.id for hit in memory.search(QUESTION) if hit.passed] == [added]
        assert passing(memory.search("The mayor of Town 3 is", as_of=then)) == ["Mayor 3"]
        assert passing(memory.search("The mayor of Town 3 is")) == []


def test_the_newest_edit_of_a_slot_wins_says_so_and_gives_way_again(memory, caplog):
    (old,) = memory.add([mayor("Ada Brook", aliases=("Old Veld",))])
    with caplog.at_level(logging.WARNING):
        (new,) = memory.add([mayor("Cy Dahl")])
    assert f"edit {new} (The mayor of Veldmark is → Cy Dahl) overrides {old}" in caplog.text
    (hit,) = memory.search(QUESTION)
    assert (hit.edit.target_new, hit.overrides) == ("Cy Dahl", (old,))
    assert passing(memory.search("The mayor of Old Veld is")) == ["Cy Dahl"]  # the alias belongs to the slot
    (conflict,) = memory.conflicts()
    assert (conflict.slot, conflict.ids, conflict.targets) == ("Veldmark · mayor", (old, new), ("Ada Brook", "Cy Dahl"))
    memory.revoke([new])
    assert passing(memory.search(QUESTION)) == ["Ada Brook"]
    assert memory.conflicts() == []


def test_a_prompt_in_another_script_is_found(memory):
    memory.add([Edit(subject="路线镇", prompt="路线镇的镇长是", target_new="李雷")])
    memory.add([Edit(subject="Москва", prompt="Кто мэр города Москва?", target_new="Анна")])
    assert passing(memory.search("路线镇的镇长是谁")) == ["李雷"]
    assert passing(memory.search("Как зовут мэра города Москва?")) == ["Анна"]
    assert passing(memory.search("路线镇的人口")) == []


def test_a_hundred_kilobytes_are_taken_as_edit_and_as_question(memory):
    long = "mill river harbour " * 5300
    assert len(long) > 100_000
    memory.add([mayor(), Edit(subject="Veldmark", prompt=f"Veldmark: {long}", target_new="gone")])
    started = time.process_time()
    hits = memory.search(f"{long} Who is the mayor of Veldmark?")
    assert "Ada Brook" in passing(hits)
    assert time.process_time() - started < 2


def test_the_nearest_three_are_those_of_brute_force(tmp_path):
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((3000, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    def table(texts):
        return vectors[[int(text.split()[1]) for text in texts]]

    with EditMemory.open(tmp_path, table) as memory:
        ids = memory.add([Edit(subject=f"s {n}", prompt=f"q {n}", target_new="t") for n in range(2900)])
        memory.revoke(ids[:500])
        for number in range(2900, 3000):
            scores = vectors[:2900] @ vectors[number]
            scores[:500] = -2
            best = [ids[place] for place in np.argsort(-scores)[:3]]
            assert [hit.id for hit in memory.search(f"x {number}")] == best
