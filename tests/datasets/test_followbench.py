import pytest
from kedro.io import DatasetError

from quintain.datasets.followbench import FollowBenchDataset


def test_a_folder_without_the_files_is_an_error_that_says_where_to_get_them(tmp_path):
    dataset = FollowBenchDataset(source=str(tmp_path / "en"))
    with pytest.raises(
        DatasetError,
        match=r"en is no folder; name one that holds content_constraints\.json.*conf/followbench/globals\.yml",
    ):
        dataset.load()
    assert not dataset.exists()


def test_the_released_files_are_never_written(tmp_path):
    with pytest.raises(DatasetError, match="is only read"):
        FollowBenchDataset(source=str(tmp_path)).save([])


def test_a_hub_id_needs_a_revision_in_a_catalog_as_on_the_command_line():
    dataset = FollowBenchDataset(source="YuxinJiang/FollowBench")
    with pytest.raises(DatasetError, match="a dataset of the hub with its revision, such as YuxinJiang/FollowBench@"):
        dataset.load()


def test_a_hub_id_is_fetched_at_its_revision_by_path_and_language(monkeypatch, tmp_path):
    asked = {}

    def snapshot_download(name, **settings):
        asked.update(name=name, **settings)
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(DatasetError, match=r"data_zh/content_constraints\.json is missing"):
        FollowBenchDataset(source="YuxinJiang/FollowBench@abc123", language="zh").load()
    assert asked == {
        "name": "YuxinJiang/FollowBench",
        "repo_type": "dataset",
        "revision": "abc123",
        "allow_patterns": "data_zh/*.json",
    }
