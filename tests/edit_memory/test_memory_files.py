"""A memory on a disk that takes no writes is read all the same."""

import shutil

import pytest

from quintain.edit_memory import store
from quintain.errors import EditError
from tests.edit_memory.towns import QUESTION, opened
from tests.methods.lte.edits import mayor, passing


def test_a_memory_on_a_disk_that_takes_nothing_is_read(folder, monkeypatch):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(store, "takes_writes", lambda _: False)
    with opened(folder) as memory:
        assert passing(memory.search(QUESTION)) == ["Mayor 3"]
        assert memory.verify().repairs == ()
        assert len(list(memory.kept())) == 5
        with pytest.raises(EditError, match="takes nothing; copy the memory"):
            memory.add([mayor()])
    (folder / "facts.f32").write_bytes(b"x")
    with opened(folder) as memory:
        assert passing(memory.search(QUESTION)) == ["Mayor 3"]
        assert "facts.f32 has no readable header" in memory.verify().repairs[0]
    before["facts.f32"] = b"x"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_acts_that_a_killed_writer_left_beside_the_log_are_read_from_such_a_disk(folder, tmp_path, monkeypatch):
    writer = opened(folder)
    writer.add([mayor("Cy", "Ostheim")])
    shutil.copytree(folder, tmp_path / "copy")
    writer.close()
    assert (tmp_path / "copy" / "log.sqlite-wal").stat().st_size
    monkeypatch.setattr(store, "takes_writes", lambda _: False)
    with opened(tmp_path / "copy") as memory:
        assert passing(memory.search("Who is mayor of Ostheim?")) == ["Cy"]
