"""Two to twenty processes on every store at once: nothing is lost, doubled or read half."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import candidate, good

from quintain.datasets.records import RecordsDataset
from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from quintain.models.ledger import Ledger
from quintain.registry.promotion import CHAMPION, holder
from quintain.registry.registration import register, versions
from quintain.registry.store import open_store
from tests.attacks.trials import seeded
from tests.edit_memory.test_durability import stream
from tests.models.test_ledger_repair import ANSWERS
from tests.web.conftest import Ingestion, pages

AREA = "many processes"
NAME = "quintain-student"
FAULTY = Path(__file__).parents[1] / "registry/faulty_registration.py"
MANY = pytest.mark.parametrize(
    "count", [3, *(pytest.param(count, marks=pytest.mark.attack) for count in (2, 8, 20))]
)  # fmt: skip


def all_of(processes):
    """Output of each, once all have ended."""
    outputs = [process.communicate(timeout=500) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(outputs), [error for _, error in outputs]
    return [output for output, _ in outputs]


def python(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip


KEEPING = """
import random, sys
from pathlib import Path
from quintain.models.ledger import Ledger
from quintain.usage import Usage
from tests.models.test_ledger_repair import CALLS
ledger, calls = Ledger(Path(sys.argv[1])), random.Random(sys.argv[2]).sample(CALLS, 60)
for start in range(0, 60, 4):
    some = calls[start : start + 4]
    ledger.answered([key for key, _, _ in some])
    ledger.keep("teacher", "synthesis", "m", some)
    ledger.count_reuse("teacher", "synthesis", "m", 1)
print(*(key for key, _, _ in calls))
"""


@MANY
def test_a_ledger(count, tmp_path, attack):
    path = tmp_path / "ledger.sqlite"
    with attack(AREA, "processes on one ledger", "every answer is kept once, every count added") as trials:
        outputs = all_of([python(KEEPING, path, f"{seeded('ledger', count, n).random()}") for n in range(count)])
        kept = Ledger(path).answered(list(ANSWERS))
        for number, output in enumerate(outputs):
            with trials.one(f"process {number} of {count}"):
                assert all(kept[key] == ANSWERS[key] for key in output.split())
        (account,) = Ledger(path).accounts()
        assert (account.calls, account.cached) == (len(kept), 15 * count)


@MANY
def test_an_edit_memory(count, tmp_path, attack):
    each = 20
    with attack(AREA, "processes on one edit memory", "every acknowledged edit is there, each once") as trials:
        outputs = [process.communicate(timeout=500)[0] for process in
                   [stream(tmp_path / "memory", f"Town{number}", each) for number in range(count)]]  # fmt: skip
        with EditMemory.open(tmp_path / "memory", HashedNgrams(64)) as memory:
            kept = {one.id: one.edit.target_new for one in memory.kept()}
            assert len(kept) == count * each
            found = memory.verify()
        assert (found.events, found.repairs) == (count * each, ())
        for number, output in enumerate(outputs):
            with trials.one(f"process {number} of {count}"):
                assert [kept[line] for line in output.split()] == [f"Mayor {town}" for town in range(each)]


SAVING = """
import sys
from quintain.datasets.records import RecordsDataset
from quintain.records import InstructionPair
dataset = RecordsDataset(filepath=sys.argv[1], record="InstructionPair")
pairs = [InstructionPair(instruction=f"Say {n}.", response=sys.argv[2], kind="distilled") for n in range(300)]
for _ in range(int(sys.argv[3])):
    dataset.save(pairs)
"""


@MANY
def test_one_file_of_records(count, tmp_path, attack):
    path = tmp_path / "pairs.jsonl.gz"
    with attack(AREA, "processes that save one file", "whoever reads it meets one whole save") as trials:
        writers = [python(SAVING, path, f"by {number}", 15) for number in range(count)]
        reader, number = RecordsDataset(filepath=str(path), record="InstructionPair"), 0
        while any(writer.poll() is None for writer in writers) or not number:
            if path.exists():
                number += 1
                with trials.one(f"reading {number} beside {count} writers"):
                    found = reader.load()
                    assert len(found) == 300
                    assert len({pair.response for pair in found}) == 1
        all_of(writers)
        assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.attack
def test_a_registry(tmp_path, monkeypatch, attack):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = open_store(uri)
    register(client, uri, "quintain", NAME, candidate(digest="b" * 64, passes=good))

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, str(FAULTY), uri, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    with attack(AREA, "processes on one registry", "each student is one version, one of them champion") as trials:
        outputs = all_of([start("register", letter) for letter in "aacd"])
        for letter, output in zip("aacd", outputs, strict=True):
            with trials.one(f"register {letter}"):
                assert client.get_model_version(NAME, output.split()[-1]).tags["model.digest"] == letter * 64
        assert len(versions(client, NAME)) == 4
        for number, output in enumerate(all_of([start("promote", "1") for _ in range(4)])):
            with trials.one(f"promote, process {number}"):
                assert output.split()[-1] == "promoted"
                assert str(holder(client, NAME, CHAMPION).version) == "1"


@pytest.mark.attack
def test_outputs_of_shards(tmp_path, attack):
    from quintain.web import write_warc

    source = tmp_path / "source"
    for number in range(6):
        write_warc(pages(20, f"{number:02}.example"), source / f"part-{number:02}.warc.gz")
    ingestion = Ingestion(source)
    calm = ingestion.run(tmp_path / "calm", workers=1)["ids"]
    with attack(AREA, "ingestions into one folder", "each gives the records of one that is alone") as trials:
        outputs = all_of([ingestion.start(tmp_path / "shared", workers=1) for _ in range(4)])
        for number, output in enumerate(outputs):
            with trials.one(f"process {number}"):
                assert f'"ids": {calm!s}'.replace("'", '"') in output
