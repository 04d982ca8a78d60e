"""Above so many keys inverted lists are asked first, and nothing that is new, revoked or past gets lost."""

import importlib
import time

import numpy as np
import pytest

from quintain.edit_memory import EditMemory, approximate
from quintain.errors import EditError
from quintain.methods.lte import Edit
from tests.methods.lte.edits import passing

DIMENSION = 32


def table(texts):
    numbers = [int(text.split()[1]) for text in texts]
    rows = []
    for number in numbers:
        centre = np.random.default_rng(number % 40).standard_normal(DIMENSION)
        rows.append(centre + 0.3 * np.random.default_rng(1000 + number).standard_normal(DIMENSION))
    vectors = np.array(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def edits(numbers):
    return [Edit(subject=f"s{n}", prompt=f"colour {n} s{n}", target_new="red") for n in numbers]


@pytest.fixture
def many(monkeypatch):
    monkeypatch.setattr(approximate, "EXACT_KEYS", 1000)


def test_few_keys_need_no_index(tmp_path):
    with EditMemory.open(tmp_path, table) as memory:
        memory.add(edits(range(10)))
        assert memory.build_approximate() is False


def test_the_built_index_finds_what_all_vectors_would_and_is_kept(tmp_path, many):
    pytest.importorskip("faiss", reason="the extra quintain[faiss] is not installed")
    with EditMemory.open(tmp_path, table) as memory:
        memory.add(edits(range(3000)))
        exact = [[hit.id for hit in memory.search(f"x {number}")] for number in range(5000, 5060)]
        assert memory.build_approximate() is True
        found = [[hit.id for hit in memory.search(f"x {number}")] for number in range(5000, 5060)]
    shared = [len(set(one) & set(other)) for one, other in zip(exact, found, strict=True)]
    assert sum(shared) / (3 * len(shared)) >= 0.97
    with EditMemory.open(tmp_path, table) as memory:
        assert [[hit.id for hit in memory.search(f"x {number}")] for number in range(5000, 5060)] == found


def test_edits_after_the_build_revocations_and_the_past_are_seen(tmp_path, many):
    pytest.importorskip("faiss", reason="the extra quintain[faiss] is not installed")
    with EditMemory.open(tmp_path, table) as memory:
        ids = memory.add(edits(range(1500)))
        memory.build_approximate()
        then = time.time()
        (added,) = memory.add([Edit(subject="new", prompt="colour 9000 new", target_new="blue")])
        assert memory.search("x 9000", k=1)[0].id == added
        memory.revoke(ids[:3])
        assert not set(ids[:3]) & {hit.id for number in range(3) for hit in memory.search(f"x {number}")}
        assert memory.search("x 1", k=1, as_of=then)[0].id == ids[1]
        assert passing(memory.search("colour 9000 new")) == ["blue"]


def test_without_faiss_building_says_what_to_install(tmp_path, many, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with EditMemory.open(tmp_path, table) as memory:
        memory.add(edits(range(1001)))
        with pytest.raises(EditError, match=r"pip install 'quintain\[faiss\]'"):
            memory.build_approximate()
        assert passing(memory.search("colour 7 s7")) == ["red"]
