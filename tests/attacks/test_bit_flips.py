"""Flipped bits in every kind of file we write: found and said, or harmless; never a traceback, never other records."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "registry"))
from conftest_registry import DIGEST, candidate, half, items, judged, scorecard

from quintain.datasets.model_folder import HFModelDataset
from quintain.datasets.records import RecordsDataset
from quintain.datasets.scorecard import ScorecardDataset
from quintain.edit_memory import EditMemory
from quintain.edit_memory.inspection import inspect
from quintain.errors import EditError, LedgerError, ModelError, RecordError
from quintain.methods.lte import HashedNgrams
from quintain.models.folder import folder_digest, model_files
from quintain.models.importing.opened_source import open_source
from quintain.models.ledger import Ledger
from quintain.models.ledger_repair import repair
from quintain.models.open_folder import open_model
from quintain.registry.ancestry import read_lineage
from quintain.registry.evidence import broken_evidence
from quintain.registry.measured import Measured
from quintain.registry.registration import register
from quintain.registry.store import open_store
from quintain.registry.stored_evidence import read_measured
from quintain.training.start_model import open_start
from quintain.web.shard_store import ShardStore
from tests.attacks.mutator import flipped
from tests.attacks.trials import seeded, times
from tests.edit_memory.test_damage import QUESTION, TOWNS
from tests.methods.lte.edits import passing
from tests.models.test_ledger_repair import ANSWERS, CALLS
from tests.web.test_shard_store import RECORDS, batch

AREA = "bit flips"
SAID = "found and said, or harmless"
NAME = "quintain-student"
PACK = items(groups=1)
OPENERS = (
    lambda folder: open_model(folder, "cpu", "auto"),
    open_start,
    lambda folder: open_source(folder, "auto"),
    lambda folder: HFModelDataset.load.__wrapped__(HFModelDataset(filepath=str(folder))),
)


def flip_a_file(path, sound, rng):
    """Turn over one to four bits of a file; returns what was done."""
    bits = rng.choice([1, 1, 1, 4])
    path.write_bytes(flipped(sound, rng, bits))
    return f"{bits} bits of {path.name}"


@times(8, 150)
def test_answers_of_a_ledger_are_those_that_were_kept(count, tmp_path, attack):
    sound = tmp_path / "sound.sqlite"
    Ledger(sound).keep("teacher", "synthesis", "m", CALLS)
    raw, rng, path = sound.read_bytes(), seeded("ledger"), tmp_path / "ledger.sqlite"
    with attack(AREA, "ledger", SAID) as trials:
        for number in range(count):
            for left in tmp_path.glob("ledger.sqlite*"):
                left.unlink()
            with trials.one(f"trial {number}, {flip_a_file(path, raw, rng)}"):
                try:
                    ledger = Ledger(path)
                    found = ledger.answered(list(ANSWERS))
                    ledger.accounts()
                    ledger.spent("teacher", "m")
                except LedgerError as error:
                    assert "quintain ledger repair" in str(error)
                    repair(path)
                    found = Ledger(path).answered(list(ANSWERS))
                assert all(found[key] == ANSWERS[key] for key in found)
                assert len(found) >= len(ANSWERS) - 60  # the most that stand on four pages


@times(8, 120)
@pytest.mark.parametrize("name", ["log.sqlite", "questions.f32", "facts.f32", "head", "serial"])
def test_edits_of_a_memory_are_those_that_were_added(name, count, tmp_path, attack):
    with EditMemory.open(tmp_path / "sound", HashedNgrams(64)) as memory:
        memory.add(TOWNS, ids=[f"t{number}" for number in range(6)])
    rng, raw = seeded("memory", name), (tmp_path / "sound" / name).read_bytes()
    with attack(AREA, f"edit memory: {name}", SAID) as trials:
        for number in range(count):
            folder = tmp_path / "memory"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(tmp_path / "sound", folder)
            with trials.one(f"trial {number}, {flip_a_file(folder / name, raw, rng)}"):
                try:
                    with EditMemory.open(folder, HashedNgrams(64)) as memory:
                        found = {one.id: one.edit for one in memory.kept()}
                        memory.verify()
                        answer = passing(memory.search(QUESTION))
                except EditError as error:
                    assert "log.sqlite" in str(error) or "memory" in str(error)
                    assert name == "log.sqlite"
                    inspect(folder)
                    continue
                assert found == {f"t{number}": town for number, town in enumerate(TOWNS)}
                assert answer == ["Mayor 3"]


@times(10, 300)
@pytest.mark.parametrize("name", ["a.parquet", "a.done"])
def test_records_of_a_shard_are_those_that_were_written(name, count, tmp_path, attack):
    store = ShardStore(tmp_path)
    store.write("a", [batch(), batch(RECORDS[1:2])])
    rng, raw = seeded("shard", name), (tmp_path / name).read_bytes()
    with attack(AREA, f"shard: {name}", SAID) as trials:
        for number in range(count):
            with trials.one(f"trial {number}, {flip_a_file(tmp_path / name, raw, rng)}"):
                # Complete is only what can be read as it was written.
                if store.is_complete("a"):
                    assert name == "a.done"
                    assert list(store.read("a")) == [*RECORDS, RECORDS[1]]


@times(10, 400)
@pytest.mark.parametrize("name", ["scorecard.json", "judgements.jsonl"])
def test_evidence_that_was_changed_is_refused(name, count, tmp_path, attack):
    judgements = judged(PACK, half)
    card = scorecard(PACK, judgements, digest=DIGEST)
    cards = ScorecardDataset(filepath=str(tmp_path / "scorecard.json"))
    verdicts = RecordsDataset(filepath=str(tmp_path / "judgements.jsonl"), record="Judgement")
    cards.save(card)
    verdicts.save(judgements)
    rng, raw = seeded("evidence", name), (tmp_path / name).read_bytes()
    with attack(AREA, name, SAID) as trials:
        for number in range(count):
            with trials.one(f"trial {number}, {flip_a_file(tmp_path / name, raw, rng)}"):
                try:
                    measured = Measured(type(cards).load.__wrapped__(cards), type(verdicts).load.__wrapped__(verdicts))
                except RecordError as error:
                    assert name in str(error)
                    continue
                same = measured.scorecard == card and list(measured.judgements) == judgements
                assert same or broken_evidence(measured, "pack", "student", DIGEST)


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    """A client of a registry, its one version, and where its files lie."""
    home = tmp_path_factory.mktemp("registry")
    uri = f"sqlite:///{home / 'mlflow.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.delenv("DVC_EXP_NAME", raising=False)
        client = open_store(uri)
        made = register(client, uri, "quintain", NAME, candidate(digest=DIGEST, pack=PACK))
        version = client.get_model_version(NAME, made.version)
    return client, version, Path(client.get_run(version.run_id).info.artifact_uri)


@times(6, 50)
@pytest.mark.parametrize("name", ["scorecard/pack/scorecard.json", "scorecard/pack/judgements.jsonl"])
def test_evidence_in_the_registry_is_what_was_registered(name, count, registered, attack):
    client, version, home = registered
    sound = read_measured(client, version)
    rng, raw = seeded("registry", name), (home / name).read_bytes()
    with attack(AREA, f"registry: {name}", SAID) as trials:
        for number in range(count):
            with trials.one(f"trial {number}, {flip_a_file(home / name, raw, rng)}"):
                try:
                    assert read_measured(client, version) == sound
                except RecordError as error:
                    assert "version 1" in str(error)
    (home / name).write_bytes(raw)


@times(6, 50)
def test_a_lineage_in_the_registry_is_what_was_registered(count, registered, attack, caplog):
    client, version, home = registered
    sound = read_lineage(client, version)
    path = home / "lineage/lineage.json"
    rng, raw = seeded("lineage"), path.read_bytes()
    with attack(AREA, "registry: lineage/lineage.json", SAID) as trials:
        for number in range(count):
            caplog.clear()
            with trials.one(f"trial {number}, {flip_a_file(path, raw, rng)}"):
                found = read_lineage(client, version)
                assert found == sound or "lineage that the registry keeps" in caplog.text
    path.write_bytes(raw)


@times(10, 200)
def test_a_model_with_a_flipped_bit_has_another_digest_and_opens_or_says_why_not(count, tiny_student, tmp_path, attack):
    folder = tmp_path / "model"
    shutil.copytree(tiny_student, folder)
    sound, rng = folder_digest(folder), seeded("model")
    files = {path: path.read_bytes() for path in model_files(folder)}
    with attack(AREA, "model folder", "another digest, and one clear error or a model") as trials:
        for number in range(count):
            path = rng.choice(list(files))
            with trials.one(f"trial {number}, {flip_a_file(path, files[path], rng)}"):
                assert folder_digest(folder) != sound or path.read_bytes() == files[path]
                try:
                    rng.choice(OPENERS)(folder)
                except ModelError as error:
                    assert str(folder) in str(error)
            path.write_bytes(files[path])
