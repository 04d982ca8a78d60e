"""Disks that are full or take nothing: one clear error, what stood there stands, and with room it goes on."""

import contextlib
import json
import subprocess

import matplotlib.figure
import pandas as pd
import pytest
from kedro.io import DatasetError

from quintain.cli.json_lines import line, write_whole
from quintain.datasets import CSVDataset, FigureDataset, HFModelDataset, JSONDataset
from quintain.datasets.records import RecordsDataset
from quintain.datasets.scorecard import ScorecardDataset
from quintain.edit_memory import EditMemory
from quintain.errors import QuintainError
from quintain.methods.lte import HashedNgrams
from quintain.models.ledger import Ledger
from quintain.records import InstructionPair, WebPage
from quintain.web.shard_store import ShardStore
from tests.attacks.trials import seeded, times
from tests.edit_memory.test_damage import QUESTION
from tests.methods.lte.edits import mayor, passing
from tests.models.test_ledger_repair import ANSWERS, CALLS
from tests.registry.conftest_registry import DIGEST, half, items, judged, scorecard
from tests.web.test_shard_store import batch

DISK_KIB = 4096


class Disk:
    """A small file system of its own."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={DISK_KIB}k", "tmpfs")

    def _mount(self, *options):
        subprocess.run(["mount", *options, str(self.folder)], check=True, capture_output=True, text=True)

    def fill(self, left_bytes):
        """Leave room for so many bytes."""
        with (self.folder / "filler").open("wb", buffering=0) as file:
            for piece in (1 << 18, 1 << 12):
                with contextlib.suppress(OSError):
                    while file.write(bytes(piece)):
                        pass
            file.truncate(max(0, file.tell() - left_bytes))

    def empty(self):
        (self.folder / "filler").unlink(missing_ok=True)

    def take_nothing(self):
        self._mount("-o", "remount,ro")

    def take_writes(self):
        self._mount("-o", "remount,rw")

    def close(self):
        subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True)


@pytest.fixture
def disk(tmp_path):
    try:
        disk = Disk(tmp_path / "disk")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small disk cannot be mounted here ({error}); the unit tests limit the size of files instead")
    yield disk
    disk.close()


def pairs(count, text="x"):
    return [
        InstructionPair(instruction=f"Say {n}.", response=f"{text} {n}" * 20, kind="distilled") for n in range(count)
    ]


def card(replicated):
    pack = items(groups=replicated)
    return scorecard(pack, judged(pack, half), digest=DIGEST)


def figure(n_points):
    figure = matplotlib.figure.Figure()
    figure.subplots().plot(range(n_points), [(i * 7919) % 1000 for i in range(n_points)])
    return figure


def dataset(kind, name, small, large, **settings):
    def at(folder):
        made = kind(filepath=str(folder / name), **settings)
        return (lambda: made.save(small)), (lambda: made.save(large)), folder / name

    return at


def lines_at(folder):
    path = folder / "verdicts.jsonl"
    return (
        lambda: write_whole(path, [line({"id": 1})]),
        lambda: write_whole(path, [line({"id": number, "text": "x" * 90}) for number in range(2000)]),
        path,
    )


def shard_at(folder):
    store = ShardStore(folder)
    many = [WebPage(url=f"https://{n}.example", text=f"{seeded(n).random()} " * 9) for n in range(500)]
    return (lambda: store.write("a", [batch()])), (lambda: store.write("b", [batch(many)])), folder / "a.parquet"


WRITERS = {
    "records": dataset(RecordsDataset, "a.jsonl", pairs(2), pairs(1500), record="InstructionPair"),
    "packed records": dataset(RecordsDataset, "a.jsonl.gz", pairs(2), pairs(9000, "y"), record="InstructionPair"),
    "scorecard": dataset(ScorecardDataset, "scorecard.json", card(1), card(2)),
    "JSON": dataset(JSONDataset, "a.json", {"hsr": 0.5}, {"x": "y" * 200_000}),
    "CSV": dataset(CSVDataset, "a.csv", pd.DataFrame({"a": [1]}), pd.DataFrame({"a": range(50_000)})),
    "figure": dataset(FigureDataset, "a.png", figure(2), figure(2_000)),
    "lines of a command": lines_at,
    "shard": shard_at,
}


def refusal(write):
    """The error that a write ended in, None where it went through."""
    try:
        write()
    except QuintainError as error:
        return error
    except DatasetError as error:  # Kedro's, around ours
        assert isinstance(error.__cause__, QuintainError), error
        return error
    return None


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "filler")


@times(2, 10)
@pytest.mark.parametrize("name", WRITERS)
def test_a_file_on_a_full_disk(name, count, disk, attack):
    rng = seeded("full", name)
    small, large, path = WRITERS[name](disk.folder)
    with attack("disks", f"full disk: {name}", "one clear error, the former file stands") as trials:
        for number in range(count):
            small()
            before, beside = path.read_bytes(), names(disk.folder)
            left = rng.choice([0, 4096, rng.randrange(60_000)])
            disk.fill(left)
            with trials.one(f"trial {number}, {left} bytes left"):
                refused = refusal(large)
                if refused is not None:
                    assert "could not be written" in str(refused)
                    assert path.read_bytes() == before
                    assert names(disk.folder) == beside
                else:
                    assert left > 4096
                disk.empty()
                assert refusal(large) is None
            disk.empty()
            for file in disk.folder.iterdir():
                file.unlink()


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_on_a_disk_that_takes_nothing(name, disk, attack):
    small, large, path = WRITERS[name](disk.folder)
    small()
    before, beside = path.read_bytes(), names(disk.folder)
    with attack("disks", "read-only disk: files", "one clear error, the former file stands") as trials:
        disk.take_nothing()
        with trials.one(name):
            assert "could not be written" in str(refusal(large))
            assert (path.read_bytes(), names(disk.folder)) == (before, beside)
        disk.take_writes()
        with trials.one(f"{name}, when it takes writes again"):
            assert refusal(large) is None


@pytest.mark.attack
def test_a_model_folder_on_a_full_disk(tiny_student, disk, attack):
    rng = seeded("full", "model")
    source, target = HFModelDataset(filepath=str(tiny_student)), disk.folder / "model"
    pair = source.load()
    dataset = HFModelDataset(filepath=str(target))
    with attack("disks", "full disk: model folder", "one clear error, the former folder stands") as trials:
        for number in range(10):
            dataset.save(pair)
            before = {file.name: file.read_bytes() for file in target.iterdir()}
            left = rng.randrange(sum(map(len, before.values())))
            disk.fill(left)
            with trials.one(f"trial {number}, {left} bytes left"):
                assert "could not be written" in str(refusal(lambda: dataset.save(pair)))
                assert {file.name: file.read_bytes() for file in target.iterdir()} == before
                assert names(disk.folder) == ["model"]
            disk.empty()


@times(2, 8)
def test_a_ledger_on_a_full_disk(count, disk, attack):
    rng, path = seeded("full", "ledger"), disk.folder / "ledger.sqlite"
    with attack("disks", "full disk: ledger", "what was kept stays, and with room the rest is kept") as trials:
        for number in range(count):
            ledger, kept = Ledger(path), []
            left = rng.randrange(200_000)
            disk.fill(left)
            with trials.one(f"trial {number}, {left} bytes left"):
                for call in CALLS:
                    refused = refusal(lambda call=call, ledger=ledger: ledger.keep("teacher", "synthesis", "m", [call]))
                    if refused is None:
                        kept.append(call[0])
                    else:
                        assert "Make room" in str(refused)
                disk.empty()
                found = Ledger(path).answered(list(ANSWERS))
                assert found.keys() >= set(kept)
                ledger.keep("teacher", "synthesis", "m", CALLS)
                assert Ledger(path).answered(list(ANSWERS)) == ANSWERS
            disk.empty()
            for file in disk.folder.iterdir():
                file.unlink()


@times(2, 8)
def test_an_edit_memory_on_a_full_disk(count, disk, attack):
    rng = seeded("full", "memory")
    with attack("disks", "full disk: edit memory", "what was acknowledged stays; with room it takes more") as trials:
        for number in range(count):
            folder = disk.folder / str(number)
            with EditMemory.open(folder, HashedNgrams(64)) as memory:
                ids = memory.add([mayor("Mayor 3", "Town 3")])
                left = rng.randrange(150_000)
                disk.fill(left)
                with trials.one(f"trial {number}, {left} bytes left"):
                    for town in range(60):
                        added = []
                        refused = refusal(lambda town=town, to=added: to.extend(memory.add([mayor("A", f"B {town}")])))
                        ids += added
                        assert refused is None or str(refused).strip()
            disk.empty()
            with trials.one(f"trial {number}, opened again"), EditMemory.open(folder, HashedNgrams(64)) as memory:
                assert [one.id for one in memory.kept()][: len(ids)] == ids
                assert passing(memory.search(QUESTION)) == ["Mayor 3"]
                memory.add([mayor("Cy", "Ostheim")])
                assert memory.verify().repairs == ()
            subprocess.run(["rm", "-r", str(folder)], check=True)


def test_stores_on_a_disk_that_takes_nothing(disk, attack):
    path, folder = disk.folder / "ledger.sqlite", disk.folder / "memory"
    Ledger(path).keep("teacher", "synthesis", "m", CALLS[:20])
    with EditMemory.open(folder, HashedNgrams(64)) as memory:
        memory.add([mayor("Mayor 3", "Town 3")])
    with attack("disks", "read-only disk: stores", "they are read, and what would write is refused") as trials:
        disk.take_nothing()
        with trials.one("ledger"):
            ledger = refusal(lambda: Ledger(path).answered([CALLS[0][0]]))
            assert ledger is None or "cannot be" in str(ledger)
            assert "cannot be" in str(refusal(lambda: Ledger(path).keep("teacher", "synthesis", "m", CALLS[20:])))
        with trials.one("edit memory"), EditMemory.open(folder, HashedNgrams(64)) as memory:
            assert passing(memory.search(QUESTION)) == ["Mayor 3"]
            assert "takes nothing" in str(refusal(lambda: memory.add([mayor()])))
        disk.take_writes()
        with trials.one("ledger, when it takes writes again"):
            Ledger(path).keep("teacher", "synthesis", "m", CALLS)
            assert Ledger(path).answered(list(ANSWERS)) == ANSWERS
        with trials.one("edit memory, when it takes writes again"), EditMemory.open(folder, HashedNgrams(64)) as memory:
            assert json.dumps(memory.add([mayor()]))
