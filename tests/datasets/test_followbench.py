import pytest
from kedro.io import DatasetError

from quintain.datasets.followbench import FollowBenchDataset


def test_a_folder_without_the_files_is_an_error_that_says_where_to_get_them(tmp_path):
    dataset = FollowBenchDataset(folder=str(tmp_path / "en"))
    with pytest.raises(DatasetError, match=r"content_constraints\.json is missing.*conf/followbench/globals\.yml"):
        dataset.load()
    assert not dataset.exists()


def test_the_released_files_are_never_written(tmp_path):
    with pytest.raises(DatasetError, match="is only read"):
        FollowBenchDataset(folder=str(tmp_path)).save([])
