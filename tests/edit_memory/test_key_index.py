"""The index is derived: where it does not match the log it is made again and says so; another embedder is refused."""

import shutil
import sqlite3

import numpy as np
import pytest

from quintain.edit_memory import EditMemory
from quintain.errors import EditError
from quintain.methods.lte import HashedNgrams
from tests.methods.lte.edits import mayor, passing

TOWNS = [mayor(f"Mayor {number}", f"Town {number}") for number in range(20)]


@pytest.fixture
def folder(tmp_path):
    with EditMemory.open(tmp_path / "memory", HashedNgrams()) as memory:
        memory.add(TOWNS)
    return tmp_path / "memory"


def spoil(path, place, content):
    with path.open("r+b") as file:
        file.seek(place)
        file.write(content)


def cut_off(folder):
    with (folder / "questions.f32").open("r+b") as file:
        file.truncate(5000)


def of_another_log(folder):
    with EditMemory.open(folder.parent / "other", HashedNgrams()) as other:
        other.add(TOWNS[:5])
    shutil.copy(folder.parent / "other/questions.f32", folder)


def of_a_longer_log(folder):
    shutil.copytree(folder, folder.parent / "longer")
    with EditMemory.open(folder.parent / "longer", HashedNgrams()) as longer:
        longer.add([mayor()])
    shutil.copy(folder.parent / "longer/questions.f32", folder)


def of_other_edits(folder):
    twin = folder.parent / "twin"
    shutil.copytree(folder, twin)
    with EditMemory.open(twin, HashedNgrams()) as memory:
        memory.add([mayor("Ada", "Ostheim")])
    with EditMemory.open(folder, HashedNgrams()) as memory:
        memory.add([mayor("Ada", "Veldmark")])
    shutil.copy(twin / "questions.f32", folder)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (cut_off, "has room for 0 rows of the 20 that its header counts"),
        (lambda folder: spoil(folder / "questions.f32", 5000, b"garbage"), "holds other bytes than were written"),
        (lambda folder: spoil(folder / "questions.f32", 0, b"garbage"), "has no readable header"),
        (lambda folder: (folder / "questions.f32").write_bytes(b""), "has no readable header"),
        (of_another_log, "belongs to another log"),
        (of_a_longer_log, "holds 21 keys where the log has 20"),
        (of_other_edits, "was made from other keys"),
    ],
)
def test_an_index_that_does_not_match_the_log_is_made_again_and_says_so(folder, damage, why, caplog):
    damage(folder)
    with EditMemory.open(folder, HashedNgrams()) as memory:
        assert passing(memory.search("Who is mayor of Town 7?")) == ["Mayor 7"]
        (repair,) = memory.verify().repairs
    assert f"questions.f32 {why}; it was made again from the log" in repair
    assert repair in caplog.text
    with EditMemory.open(folder, HashedNgrams()) as memory:
        assert memory.verify().repairs == ()


def test_a_deleted_index_comes_back(folder):
    (folder / "questions.f32").unlink()
    (folder / "facts.f32").unlink()
    with EditMemory.open(folder, HashedNgrams()) as memory:
        assert passing(memory.search("Who is mayor of Town 7?")) == ["Mayor 7"]


def test_damage_done_while_the_memory_is_open_is_found_by_verify(folder):
    with EditMemory.open(folder, HashedNgrams()) as memory:
        spoil(folder / "facts.f32", 4096 + 400, b"\xff\xff\x7f\x7f")
        assert "facts.f32 holds other bytes" in memory.verify().repairs[0]
        assert passing(memory.search("Who is mayor of Town 7?")) == ["Mayor 7"]
        spoil(folder / "questions.f32", 0, b"garbage")
        memory.add([mayor()])
        assert "questions.f32 has no readable header" in memory.verify().repairs[0]
        assert passing(memory.search("Who is mayor of Veldmark?")) == ["Ada Brook"]


def test_an_index_that_another_process_made_again_is_taken_over(folder):
    with EditMemory.open(folder, HashedNgrams()) as memory:
        spoil(folder / "facts.f32", 5000, b"garbage")
        with EditMemory.open(folder, HashedNgrams()) as other:
            assert len(other.verify().repairs) == 1
            other.add([mayor()])
        assert passing(memory.search("Who is mayor of Veldmark?")) == ["Ada Brook"]
        assert memory.verify().repairs == ()


def test_an_embedder_of_another_dimension_is_refused_with_a_way_out(folder):
    message = r"questions.f32 was made by hashed-ngrams-1024, not by hashed-ngrams-64: .* 1024 numbers, not 64.*delete"
    with pytest.raises(EditError, match=message):
        EditMemory.open(folder, HashedNgrams(64))
    (folder / "questions.f32").unlink()
    (folder / "facts.f32").unlink()
    with EditMemory.open(folder, HashedNgrams(64)) as memory:
        assert passing(memory.search("Who is mayor of Town 7?")) == ["Mayor 7"]


def test_an_embedder_of_the_same_dimension_that_gives_other_vectors_is_refused(folder):
    def mirrored(texts):
        return HashedNgrams()(texts)[:, ::-1]

    with pytest.raises(EditError, match="not by .*mirrored: it gives other vectors for the same texts"):
        EditMemory.open(folder, mirrored)


@pytest.mark.parametrize(
    ("embed", "message"),
    [
        (lambda texts: 2 * HashedNgrams()(texts), "gave a vector of length 2 for 'The mayor"),
        (lambda texts: HashedNgrams()(texts) * np.nan, "gave a vector of length nan"),
        (lambda texts: HashedNgrams()(texts)[0], r"gave an array of shape \(1024,\) for 2 texts"),
        (lambda texts: HashedNgrams()(texts)[:1], r"gave an array of shape \(1, 1024\) for 2 texts"),
    ],
)
def test_an_embedder_that_breaks_its_promise_writes_nothing(tmp_path, embed, message):
    with EditMemory.open(tmp_path, embed) as memory:
        with pytest.raises(EditError, match=message):
            memory.add([mayor()])
        assert len(memory) == 0


def test_a_changed_log_is_an_error_that_names_the_act(folder):
    connection = sqlite3.connect(folder / "log.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), connection:
        connection.execute("UPDATE events SET author = 'somebody' WHERE serial = 3")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), connection:
        connection.execute("DELETE FROM events")
    with connection:
        connection.execute("DROP TRIGGER never_changed")
        connection.execute("UPDATE events SET author = 'somebody' WHERE serial = 3")
    connection.close()
    with (
        EditMemory.open(folder, HashedNgrams()) as memory,
        pytest.raises(EditError, match=r"log\.sqlite: act 3 is not what was written"),
    ):
        memory.verify()


def test_a_file_that_is_no_log_is_named(tmp_path):
    (tmp_path / "log.sqlite").write_bytes(b"no database, just text that is long enough" * 100)
    with pytest.raises(EditError, match=r"log\.sqlite cannot be used: file is not a database"):
        EditMemory.open(tmp_path, HashedNgrams())
