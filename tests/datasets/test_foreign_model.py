import shutil

import pytest
from kedro.io import DatasetError

from quintain.datasets import ForeignModel, ForeignModelDataset
from quintain.models.folder import folder_digest

PINNED = "0123456789012345678901234567890123456789"


def test_a_local_folder_is_found_where_it_lies(tiny_student):
    found = ForeignModelDataset(source=str(tiny_student), revision=PINNED).load()
    digest = folder_digest(tiny_student)
    assert found == ForeignModel(source=str(tiny_student), revision="", path=str(tiny_student), digest=digest)


def test_the_licence_that_its_card_states_goes_along(tiny_student, tmp_path):
    folder = tmp_path / "licensed"
    shutil.copytree(tiny_student, folder)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    found = ForeignModelDataset(source=str(folder)).load()
    assert (found.licence, found.digest) == ("apache-2.0", folder_digest(tiny_student))


def test_a_model_of_the_hub_is_looked_up_anew_by_its_revision(tiny_student, monkeypatch):
    asked = []

    def snapshot_download(name, *, revision, allow_patterns):
        asked.append(
            (
                name,
                revision,
                {"*.safetensors", "README.md"} <= set(allow_patterns),
                any("bin" in each for each in allow_patterns),
            )
        )
        return str(tiny_student)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    dataset = ForeignModelDataset(source="owner/name", revision=PINNED)
    assert dataset.load() == dataset.load()
    assert dataset.load().revision == PINNED
    assert asked == [("owner/name", PINNED, True, False)] * 3


@pytest.mark.parametrize(
    ("source", "revision", "message"),
    [
        ("models/mine", "main", r"needs the revision it is pinned to.*got 'main'; set `student.revision`"),
        ("/nowhere/at/all", PINNED, "is no folder here, and no model of the hub"),
        ("", "", r"no model is named in `student` in conf/<env>/globals\.yml; set `student\.source`"),
    ],
)
def test_what_cannot_be_found_says_where_to_name_it(source, revision, message):
    with pytest.raises(DatasetError, match=message):
        ForeignModelDataset(source=source, revision=revision).load()


def test_a_hub_out_of_reach_is_one_clear_error(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DatasetError, match="owner/name could not be fetched from the hub"):
        ForeignModelDataset(source="owner/name", revision=PINNED).load()


def test_it_is_never_written(tiny_student):
    dataset = ForeignModelDataset(source=str(tiny_student))
    with pytest.raises(DatasetError, match="only read"):
        dataset.save(dataset.load())
