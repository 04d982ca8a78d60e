"""Processes killed at any moment: what was acknowledged stays, stores are whole, and the same run again ends alike."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import candidate, good, half

from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from quintain.models.folder import folder_digest
from quintain.models.ledger import Ledger
from quintain.registry.promotion import CHAMPION, FORMER, holder
from quintain.registry.registration import CHALLENGER, register, versions
from quintain.registry.store import open_store
from tests.attacks.trials import seeded, times
from tests.edit_memory.test_durability import stream
from tests.models.test_ledger_repair import ANSWERS
from tests.training.test_sft import run as fine_tuning
from tests.web.conftest import Ingestion, pages

AREA = "kills"
NAME = "quintain-student"
FAULTY = Path(__file__).parents[1] / "registry/faulty_registration.py"


def kill_after(process, seconds):
    """Let a process go on for a while, then end it by kill -9; returns what it had printed."""
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


def seconds_of(start):
    """Time that a whole run takes on this machine now, and what it printed."""
    began = time.monotonic()
    process = start()
    output, errors = process.communicate(timeout=500)
    assert process.returncode == 0, errors
    return time.monotonic() - began, output


@times(3, 25)
def test_inserts_into_an_edit_memory(count, tmp_path, attack):
    rng = seeded("inserts")
    with attack(AREA, "kill -9 while edits are inserted", "no acknowledged edit is lost, all is whole") as trials:
        for number in range(count):
            folder = tmp_path / str(number)
            acknowledged = rng.randrange(1, 60)
            with trials.one(f"trial {number}, after {acknowledged} edits"):
                with stream(folder, "Town", 100_000) as process:
                    ids = [process.stdout.readline().strip() for _ in range(acknowledged)]
                    ids += kill_after(process, rng.random() / 50).split()
                with EditMemory.open(folder, HashedNgrams(64)) as memory:
                    kept = [one.id for one in memory.kept()]
                    assert kept[: len(ids)] == ids
                    assert len(kept) <= len(ids) + 1
                    assert memory.verify().repairs == ()


KEEPING = """
import sys
from pathlib import Path
from quintain.models.ledger import Ledger
from tests.models.test_ledger_repair import CALLS
print("begun", flush=True)
ledger = Ledger(Path(sys.argv[1]))
for call in CALLS:
    ledger.keep("teacher", "synthesis", "m", [call])
    print(call[0], flush=True)
"""


@times(2, 8)
def test_answers_that_are_kept_in_a_ledger(count, tmp_path, attack):
    rng = seeded("answers")
    with attack(AREA, "kill -9 while answers are kept", "no acknowledged answer is lost, all is whole") as trials:
        for number in range(count):
            path = tmp_path / f"{number}.sqlite"
            acknowledged = rng.randrange(1, 60)
            with trials.one(f"trial {number}, after {acknowledged} answers"):
                with subprocess.Popen(
                    [sys.executable, "-c", KEEPING, str(path)], stdout=subprocess.PIPE, text=True,
                    cwd=Path(__file__).parents[2],
                ) as process:  # fmt: skip
                    said = [process.stdout.readline().strip() for _ in range(acknowledged)]
                    said += kill_after(process, rng.random() / 50).split()
                found = Ledger(path).answered(list(ANSWERS))
                assert found.keys() >= set(said[1:])
                assert all(found[key] == ANSWERS[key] for key in found)
                assert Ledger(path).accounts()[0].calls == len(found) <= len(said)


def in_registry(uri, *arguments):
    return subprocess.Popen(
        [sys.executable, str(FAULTY), uri, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry with a champion and a better challenger, which is about to be promoted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = open_store(uri)
    for letter, passes in (("a", half), ("b", good)):
        register(client, uri, "quintain", NAME, candidate(digest=letter * 64, passes=passes))
    client.set_registered_model_alias(NAME, CHAMPION, "1")
    return client, uri


def title(client, alias):
    version = holder(client, NAME, alias)
    return str(version.version) if version else ""


@pytest.mark.attack
def test_promotions(registry, attack):
    client, uri = registry
    rng = seeded("promotions")
    takes, output = seconds_of(lambda: in_registry(uri, "promote", "2"))
    assert output.strip().endswith("promoted")
    with attack(AREA, "kill -9 during a promotion", "there is a champion, and asked again the title moves") as trials:
        for number in range(6):
            client.set_registered_model_alias(NAME, CHAMPION, "1")
            client.delete_registered_model_alias(NAME, FORMER)
            seconds = takes * rng.uniform(0.4, 1.05)
            with trials.one(f"trial {number}, after {seconds:.2f} of {takes:.2f} s"):
                kill_after(in_registry(uri, "promote", "2"), seconds)
                assert title(client, CHAMPION) in ("1", "2")
                assert title(client, FORMER) in ("", "1")
                if title(client, CHAMPION) == "1":
                    seconds_of(lambda: in_registry(uri, "promote", "2"))
                assert (title(client, CHAMPION), title(client, FORMER)) == ("2", "1")


@pytest.mark.attack
def test_registrations(registry, attack):
    client, uri = registry
    rng = seeded("registrations")
    takes, _ = seconds_of(lambda: in_registry(uri, "register", "c"))
    with attack(AREA, "kill -9 during a registration", "no half a version, and done again it is whole") as trials:
        for number, letter in enumerate("def01"):
            before = len(versions(client, NAME))
            seconds = takes * rng.uniform(0.4, 1.05)
            with trials.one(f"trial {number}, after {seconds:.2f} of {takes:.2f} s"):
                kill_after(in_registry(uri, "register", letter), seconds)
                assert len(versions(client, NAME)) <= before + 1
                _, output = seconds_of(lambda letter=letter: in_registry(uri, "register", letter))
                assert len(versions(client, NAME)) == before + 1
                assert output.split()[-1] == title(client, CHALLENGER) == str(before + 1)


@pytest.fixture(scope="module")
def ingestion(tmp_path_factory):
    from quintain.web import write_warc

    folder = tmp_path_factory.mktemp("source")
    for number in range(6):
        write_warc(pages(20, f"{number:02}.example"), folder / f"part-{number:02}.warc.gz")
    return Ingestion(folder)


@times(1, 4)
def test_ingestions(count, ingestion, tmp_path, attack):
    rng = seeded("ingestions")
    takes, output = seconds_of(lambda: ingestion.start(tmp_path / "calm", workers=1))
    with attack(AREA, "kill -9 during an ingestion, twice", "done again the same records as without a kill") as trials:
        for number in range(count):
            folder, moments = tmp_path / str(number), [takes * rng.uniform(0.2, 1) for _ in range(2)]
            with trials.one(f"trial {number}, after {moments[0]:.2f} and {moments[1]:.2f} of {takes:.2f} s"):
                for seconds in moments:
                    kill_after(ingestion.start(folder, workers=1), seconds)
                _, again = seconds_of(lambda folder=folder: ingestion.start(folder, workers=1))
                assert again.split('"kept"')[0] == output.split('"kept"')[0]  # ids, in their order


@pytest.mark.attack
def test_fine_tunings(tiny_student, tmp_path, attack):
    rng = seeded("trainings")
    takes, output = seconds_of(lambda: fine_tuning(tiny_student, tmp_path / "calm"))
    with attack(AREA, "kill -9 during a fine-tuning", "done again the same weights as without a kill") as trials:
        for number in range(3):
            scratch, seconds = tmp_path / str(number), takes * rng.uniform(0.5, 1)
            with trials.one(f"trial {number}, after {seconds:.2f} of {takes:.2f} s"):
                kill_after(fine_tuning(tiny_student, scratch), seconds)
                _, again = seconds_of(lambda scratch=scratch: fine_tuning(tiny_student, scratch))
                assert again.splitlines()[-1] == output.splitlines()[-1]


SAVING = """
import itertools, shutil, sys
from pathlib import Path
from quintain.datasets.atomic import written
target, sources = Path(sys.argv[1]), sys.argv[2:]
print("begun", flush=True)
for source in itertools.cycle(sources):
    with written(target) as temporary:
        shutil.copytree(source, temporary)
"""


@times(3, 30)
def test_saves_of_a_model_folder(count, tiny_student, tmp_path, attack):
    import shutil

    from quintain.datasets.atomic import written

    rng, other = seeded("saves"), tmp_path / "other"
    shutil.copytree(tiny_student, other)
    (other / "extra.json").write_text("{}")
    whole = {folder_digest(tiny_student), folder_digest(other)}
    target = tmp_path / "home/model"
    with attack(AREA, "kill -9 while a model folder is replaced", "the folder is a whole model") as trials:
        for number in range(count):
            seconds = rng.random() / 10
            # Two folders change places in one step on Linux alone.
            stays = target.exists() and sys.platform == "linux"
            with trials.one(f"trial {number}, after {seconds:.3f} s"):
                with subprocess.Popen(
                    [sys.executable, "-c", SAVING, str(target), str(tiny_student), str(other)],
                    stdout=subprocess.PIPE, text=True,
                ) as process:  # fmt: skip
                    process.stdout.readline()
                    kill_after(process, seconds)
                assert (not stays and not target.exists()) or folder_digest(target) in whole
                with written(target) as temporary:
                    shutil.copytree(other, temporary)
                assert folder_digest(target) == folder_digest(other)
