"""A version knows whom it descends from, and what it alone was made from."""

import dataclasses
from pathlib import Path

from conftest_registry import candidate

from quintain.registry.ancestry import ancestry, read_lineage
from quintain.registry.dvc_stages import StageRecord
from quintain.registry.registration import register

NAME = "quintain-student"


def stage(name, **fields):
    return StageRecord(name=name, command=f"run {name}", **{"inputs": {}, "outputs": {}, "parameters": {}, **fields})


def enter(store, student, digest, parents, stages):
    client, uri = store
    entrant = candidate(student, digest=digest * 64, parents=parents, path=f"data/06_models/{student}")
    lineage = dataclasses.replace(
        entrant.lineage, stages=tuple(stage(name) for name in stages), dvc_md5=f"{digest}.dir"
    )
    return register(client, uri, "quintain", NAME, dataclasses.replace(entrant, lineage=lineage)).version


def test_a_line_of_descent_gives_every_stage_to_the_first_who_needed_it(store):
    client, _ = store
    enter(store, "base", "a", (), ["world"])
    enter(store, "webr", "b", ("1",), ["world", "synthesis", "finetuning-webr"])
    enter(store, "bmc", "c", ("2",), ["world", "synthesis", "finetuning-webr", "preference"])
    line = ancestry(client, NAME, client.get_model_version(NAME, "3"))
    assert [str(each.version.version) for each in line] == ["3", "2", "1"]
    assert [[one.name for one in each.own_stages] for each in line] == [
        ["preference"], ["synthesis", "finetuning-webr"], ["world"],
    ]  # fmt: skip
    assert line[0].lineage.stages[0].command == "run world"


def test_a_deleted_parent_ends_the_line(store):
    client, _ = store
    enter(store, "base", "a", (), [])
    enter(store, "webr", "b", ("1",), [])
    client.delete_model_version(NAME, "1")
    assert len(ancestry(client, NAME, client.get_model_version(NAME, "2"))) == 1


def test_a_version_whose_run_holds_no_lineage_has_what_its_tags_say(store):
    client, _ = store
    enter(store, "base", "a", (), ["world"])
    version = client.get_model_version(NAME, "1")
    run = client.create_run(client.get_run(version.run_id).info.experiment_id)
    version._run_id = run.info.run_id  # as a version of 0.1, whose run kept no lineage.json
    found = read_lineage(client, version)
    assert (found.git_commit, found.dvc_path, found.dvc_md5) == ("c" * 40, "data/06_models/base", "a.dir")
    assert found.stages == ()


def test_a_lineage_that_was_changed_is_not_shown_as_it_stood(store, caplog):
    client, _ = store
    enter(store, "base", "a", (), ["world"])
    version = client.get_model_version(NAME, "1")
    assert read_lineage(client, version).stages[0].command == "run world"
    file = Path(client.get_run(version.run_id).info.artifact_uri) / "lineage/lineage.json"
    file.write_text(file.read_text().replace("run world", "run another"))
    found = read_lineage(client, version)
    assert (found.git_commit, found.stages) == ("c" * 40, ())
    assert "cannot be read (it was changed after it was written)" in caplog.text
