"""Damage is found and said, never read as something else; what is sound can be kept."""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from quintain.cli.edit import command
from quintain.edit_memory import EditMemory, store
from quintain.edit_memory.inspection import inspect, repair
from quintain.edit_memory.vectors import VectorFile
from quintain.errors import EditError
from quintain.methods.lte import Edit, HashedNgrams
from tests.edit_memory.towns import QUESTION, TOWNS, opened
from tests.methods.lte.edits import mayor, passing


def run(*arguments):
    return CliRunner().invoke(command, ["--embedder", "hashed-ngrams-64", *map(str, arguments)])


def altered(folder, statement, *values):
    with sqlite3.connect(folder / "log.sqlite") as connection:
        connection.executescript("DROP TRIGGER IF EXISTS never_changed; DROP TRIGGER IF EXISTS never_deleted;")
        connection.execute(statement, values)
    connection.close()


ALTERED = "act 4: it is not what"
DAMAGES = {
    "another target": ("UPDATE events SET edit = replace(edit, 'Mayor 3', 'Mayor 8') WHERE serial = 4", ALTERED),
    "no JSON": ("UPDATE events SET edit = '{' WHERE serial = 4", ALTERED),
    "no text": ("UPDATE events SET edit = x'ff' WHERE serial = 4", ALTERED),
    "no time": ("UPDATE events SET at = 'soon' WHERE serial = 4", ALTERED),
    "another act": ("UPDATE events SET act = 'eat' WHERE serial = 4", ALTERED),
    "a hole": ("DELETE FROM events WHERE serial = 4", "acts 4 to 4 are missing"),
    "no end": ("DELETE FROM events WHERE serial = 7", "the log ends at act 6, but act 7 was acknowledged"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_log_answers_nothing_is_told_by_verify_and_mended_by_repair(folder, damage, caplog):
    statement, fault = DAMAGES[damage]
    altered(folder, statement)
    with opened(folder) as memory:
        asked = (lambda: memory.search(QUESTION), lambda: memory.add([mayor()]), memory.verify, lambda: memory.head)
        for ask in (*asked, lambda: len(memory)):
            with pytest.raises(EditError, match=r"log\.sqlite.*quintain edit repair"):
                ask()
    told = run("verify", "--memory", folder)
    assert told.exit_code == 1
    assert f"fault: {fault}" in told.output
    assert "quintain edit repair" in str(told.exception)
    mended = run("repair", "--memory", folder)
    assert mended.exit_code == 0, mended.output
    assert "the former log is kept as log.damaged-1.sqlite" in mended.output
    assert run("verify", "--memory", folder).exit_code == 0
    with opened(folder) as memory:
        kept = {one.id for one in memory.kept()}
        lost = set() if damage == "no end" else {"t3"}
        assert kept == {f"t{number}" for number in range(5 + (damage == "no end"))} - lost
        assert passing(memory.search(QUESTION)) == ([] if lost else ["Mayor 3"])


def test_repair_of_a_sound_memory_changes_nothing(folder):
    before = (folder / "log.sqlite").read_bytes()
    assert repair(folder) == []
    assert (folder / "log.sqlite").read_bytes() == before


def test_several_faults_are_all_told(folder):
    altered(folder, "UPDATE events SET author = 'x' WHERE serial IN (2, 5)")
    (folder / "facts.f32").write_bytes(b"x")
    told = run("verify", "--memory", folder).output
    assert "fault: act 2: " in told
    assert "fault: act 5: " in told
    assert "fault: facts.f32 has no readable header" in told


def test_a_log_without_its_table_is_named_not_started_over(folder):
    altered(folder, "DROP TABLE events")
    with pytest.raises(EditError, match="lacks the table events"):
        opened(folder)
    assert "fault: the table events is missing" in run("verify", "--memory", folder).output


def test_no_flipped_bit_of_the_log_is_read_as_another_edit(folder):
    path = folder / "log.sqlite"
    sound = path.read_bytes()
    places = np.random.default_rng(1).choice(len(sound), 60, replace=False)
    for place in map(int, places):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << place % 8]) + sound[place + 1 :])
        try:
            with opened(folder) as memory:
                found = {one.id: one.edit for one in memory.kept()}
        except EditError:
            continue
        assert found == {f"t{number}": town for number, town in enumerate(TOWNS[:5])}
        assert isinstance(inspect(folder).faults, list)


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(float("inf"), id="infinite"),
        pytest.param(float("nan"), id="no number"),
        pytest.param(-float("inf"), id="before all"),
        pytest.param(10**400, id="beyond a float"),
        pytest.param(time.time() + 10**6, id="in eleven days"),
        "9999-12-31",
    ],
)
def test_times_that_cannot_be_are_refused(folder, at):
    with opened(folder) as memory:
        with pytest.raises(EditError, match=r"at(=| must)"):
            memory.add([mayor()], at=at)
        assert len(memory) == 5


@pytest.mark.parametrize("at", [float("inf"), 9e9])
def test_times_that_a_former_version_took_are_told_and_set_right(folder, at, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(store, "FUTURE_SECONDS", float("inf"))
        with opened(folder) as memory, memory._store.writing():
            event = next(iter(memory._store.log.all()))
            with suppress(EditError):  # as a former version wrote it
                memory._store.log.append([replace(event, id="odd", at=at, edit=mayor())])
    assert "fault: act 8" in run("verify", "--memory", folder).output
    with opened(folder) as memory, pytest.raises(EditError, match="quintain edit repair"):
        memory.add([mayor("Cy", "Ostheim")])
    run("repair", "--memory", folder)
    with opened(folder) as memory:
        memory.add([mayor("Cy", "Ostheim")])
        assert all(kept.at <= time.time() for kept in memory.kept())


@pytest.mark.parametrize("text", ["Ada \ud800", "\udcff"])
def test_half_a_character_is_refused_wherever_it_stands(folder, text):
    with opened(folder) as memory:
        for field in ("subject", "prompt", "target_new", "relation"):
            edit = {"subject": "Alm", "prompt": "The mayor of Alm is", "target_new": "Bo", field: f"Alm {text}"}
            with pytest.raises(EditError, match="half a character"):
                memory.add([Edit(**edit)])
        for field in ("aliases", "paraphrases", "ground_truth"):
            with pytest.raises(EditError, match="half a character"):
                memory.add([Edit(subject="Alm", prompt="The mayor of Alm is", target_new="Bo", **{field: (text,)})])
        for name in ("author", "source", "edit_set"):
            with pytest.raises(EditError, match="half a character"):
                memory.add([mayor()], **{name: text})
        with pytest.raises(EditError, match="half a character"):
            memory.add([mayor()], ids=[text])
        assert len(memory) == 5
        assert memory.verify().repairs == ()


def test_an_edit_that_would_fill_the_memory_is_refused(folder):
    with opened(folder) as memory:
        for edit in (
            Edit(subject="a", prompt="a" * 10_000, target_new="b", aliases=("c" * 10_000,)),
            Edit(subject="a", prompt="a", target_new="b", paraphrases=("c",) * 2000),
            Edit(subject="a", prompt="a" * 300_000, target_new="b"),
        ):
            with pytest.raises(EditError, match=r"EDIT_(CHARACTERS|TEXTS)"):
                memory.add([edit])


CUT_SHORT = """
import os, sys
from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
memory = EditMemory.open(sys.argv[1], HashedNgrams(64))
for name in ("questions.f32", "facts.f32"):
    os.truncate(os.path.join(sys.argv[1], name), 10)
print([hit.edit.target_new for hit in memory.search(sys.argv[2]) if hit.passed])
print(memory.verify().repairs)
"""


def test_vectors_that_are_cut_short_while_they_are_open_end_no_process(folder):
    done = subprocess.run(
        [sys.executable, "-c", CUT_SHORT, str(folder), QUESTION], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "['Mayor 3']" in done.stdout
    assert "questions.f32 has no readable header; it was made again" in done.stdout


def test_vectors_of_another_file_written_over_them_are_made_again(folder, tmp_path):
    with EditMemory.open(tmp_path / "other", HashedNgrams(64)) as other:
        other.add(TOWNS * 3)
    with opened(folder) as memory:
        shutil.copyfile(tmp_path / "other" / "questions.f32", folder / "questions.f32")
        memory.add([mayor()])
        assert passing(memory.search(QUESTION)) == ["Mayor 3"]
    assert VectorFile(folder / "questions.f32").header.rows == 7
