import pytest
from kedro.io import DatasetError

from quintain.datasets import ForeignModelDataset
from quintain.datasets.model_ref import model_ref

PINNED = "0123456789012345678901234567890123456789"


def test_a_local_folder_is_used_where_it_lies(tiny_student, tmp_path):
    dataset = ForeignModelDataset(source=str(tiny_student), filepath=str(tmp_path / "base"))
    assert dataset.load() == model_ref(tiny_student)
    assert not (tmp_path / "base").exists()


def test_a_model_of_the_hub_that_was_fetched_before_is_not_fetched_again(tiny_student):
    dataset = ForeignModelDataset(source="owner/name", revision=PINNED, filepath=str(tiny_student))
    assert dataset.exists()
    assert dataset.load() == model_ref(tiny_student)


@pytest.mark.parametrize(
    ("source", "revision", "message"),
    [
        ("models/mine", "main", r"needs the revision it is pinned to.*got 'main'; set `student.revision`"),
        ("/nowhere/at/all", PINNED, "is no folder here, and no model of the hub"),
    ],
)
def test_what_cannot_be_found_says_where_to_name_it(tmp_path, source, revision, message):
    dataset = ForeignModelDataset(source=source, revision=revision, filepath=str(tmp_path / "base"))
    with pytest.raises(DatasetError, match=message):
        dataset.load()


def test_a_hub_out_of_reach_leaves_nothing_half_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    dataset = ForeignModelDataset(source="owner/name", revision=PINNED, filepath=str(tmp_path / "base"))
    with pytest.raises(DatasetError, match="owner/name could not be fetched from the hub"):
        dataset.load()
    assert list(tmp_path.iterdir()) == []


def test_it_is_never_written(tiny_student, tmp_path):
    dataset = ForeignModelDataset(source=str(tiny_student), filepath=str(tmp_path / "base"))
    with pytest.raises(DatasetError, match="only read"):
        dataset.save(model_ref(tiny_student))
