"""An open memory keeps up with the folder that stands in its place."""

import pytest

from quintain.edit_memory import EditMemory, store
from quintain.errors import EditError
from quintain.methods.lte import HashedNgrams
from tests.edit_memory.towns import QUESTION, opened
from tests.methods.lte.edits import mayor, passing


def test_an_open_memory_reads_the_folder_that_took_its_place(folder, tmp_path, caplog):
    with EditMemory.open(tmp_path / "other", HashedNgrams(64)) as other:
        other.add([mayor("Zoe", "Town 3")])
    with opened(folder) as memory:
        assert passing(memory.search(QUESTION)) == ["Mayor 3"]
        folder.rename(tmp_path / "former")
        (tmp_path / "other").rename(folder)
        assert passing(memory.search(QUESTION)) == ["Zoe"]
        assert len(memory) == 1
        memory.add([mayor("Cy", "Ostheim")])
        assert passing(memory.search("Who is mayor of Ostheim?")) == ["Cy"]
    assert "was replaced while it was open" in caplog.text
    with EditMemory.open(tmp_path / "former", HashedNgrams(64)) as former:
        assert len(former) == 5


def test_a_folder_that_was_moved_away_is_said(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "_TRY_SECONDS", 0)
    with opened(folder) as memory:
        folder.rename(tmp_path / "elsewhere")
        with pytest.raises(EditError, match="was moved away or removed while it was open"):
            memory.search(QUESTION)
