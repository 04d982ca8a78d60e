"""Items that never lie in one list."""

import os
import pickle

import pytest

from quintain.records import Dropped
from quintain.text import streams
from quintain.text.streams import Joined, Mapped, Spool, batched, working_folder


def doubled(numbers):
    return [number * 2 for number in numbers]


def test_batches_are_cut_in_order():
    assert list(batched(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batched([], 2)) == []


def test_what_is_mapped_is_made_anew_each_time_and_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr(streams, "CHUNK_ITEMS", 2)
    sizes = []
    found = Mapped(range(5), lambda items: sizes.append(len(items)) or doubled(items))
    assert [each for each in found] == [each for each in found] == [0, 2, 4, 6, 8]  # noqa: C416 - `list` asks for the length
    assert sizes == [2, 2, 1] * 2
    assert len(found) == 5


def test_parts_are_joined():
    joined = Joined([1, 2], Mapped([3], doubled))
    assert list(joined) == [1, 2, 6]
    assert len(joined) == 3


def test_a_spool_gives_back_what_was_added_in_order(tmp_path):
    spool = Spool(tmp_path / "spool", Dropped)
    records = [Dropped(stage="read", reason="truncated", where=str(number)) for number in range(600)]
    spool.add(records[:300])
    spool.add([])
    spool.add(iter(records[300:]))
    assert list(spool) == list(spool) == records
    assert len(spool) == 600


def test_streams_pass_between_processes(tmp_path):
    spool = Spool(tmp_path / "spool", Dropped)
    record = Dropped(stage="read", reason="truncated", where="a")
    spool.add([record])
    assert list(pickle.loads(pickle.dumps(spool))) == [record]  # noqa: S301 - our own
    assert list(pickle.loads(pickle.dumps(Joined(Mapped([1], doubled))))) == [2]  # noqa: S301 - our own


def test_folders_of_former_runs_are_removed_once_they_are_old(tmp_path):
    old, young = tmp_path / "spool-a", tmp_path / "spool-b"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (0, 0))
    new = working_folder(tmp_path)
    assert (old.exists(), young.exists(), new.exists()) == (False, True, False)
    assert new != working_folder(tmp_path)


def test_a_stream_of_nothing_to_iterate_says_so():
    with pytest.raises(NotImplementedError):
        len(streams.Stream())
