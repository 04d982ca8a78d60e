"""Every student that starts from a model of somebody else is a copy of it."""

from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from quintain.datasets import ForeignModelDataset
from quintain.models.folder import folder_digest
from quintain.pipelines.start import create_pipeline
from tests.lifecycles import tree
from tests.project_configuration import configuration


def test_students_that_the_world_or_a_training_makes_are_not_adopted():
    students = {
        "base": {"start": "world"},
        "mine": {"start": "student"},
        "webr": {"from": "mine", "by": "finetuning"},
    }
    pipeline = create_pipeline(tree(students))
    assert pipeline.inputs() == {"student.source"}
    assert pipeline.outputs() == {"mine.model@adopted", "mine.training"}


def test_a_folder_becomes_a_student_of_the_project(monkeypatch, tmp_path, tiny_student):
    entries = configuration("base")["catalog"]
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog.from_config({name: entry for name, entry in entries.items() if name.startswith("{")})
    catalog["student.source"] = MemoryDataset(ForeignModelDataset(source=str(tiny_student)).load())
    SequentialRunner().run(create_pipeline(tree({"mine": {"start": "student"}})), catalog)
    assert folder_digest(tmp_path / "data/06_models/mine") == folder_digest(tiny_student)
    assert catalog.load("mine.training") == {
        "source": str(tiny_student), "revision": "", "source_digest": folder_digest(tiny_student),
        "licence": "",
    }  # fmt: skip
