"""A folder that `datasets.load_dataset` opens."""

import pytest
from kedro.io import DatasetError

from quintain.datasets import HubFolderDataset, TextDataset

ROWS = [
    {"id": str(n), "messages": [{"role": "user", "content": "When?"}, {"role": "assistant", "content": "At noon."}]}
    for n in range(3)
]
CARD = "---\nlicense: other\n---\n# Ferries\n"


@pytest.fixture
def folder(tmp_path):
    return HubFolderDataset(filepath=str(tmp_path / "ferries"))


def test_what_is_saved_is_loaded(folder):
    folder.save((ROWS, CARD))
    assert folder.exists()
    assert folder.load() == (ROWS, CARD)


def test_load_dataset_opens_the_folder(folder, tmp_path, monkeypatch):
    import datasets

    folder.save((ROWS, CARD))
    opened = datasets.load_dataset(str(tmp_path / "ferries"), cache_dir=str(tmp_path / "cache"))
    assert list(opened) == ["train"]
    assert opened["train"]["messages"][:] == [row["messages"] for row in ROWS]


def test_equal_rows_give_equal_bytes(folder, tmp_path):
    folder.save((ROWS, CARD))
    first = (tmp_path / "ferries/data/train.parquet").read_bytes()
    folder.save((ROWS, CARD))
    assert (tmp_path / "ferries/data/train.parquet").read_bytes() == first


@pytest.mark.parametrize(
    ("rows", "message"), [([], "there is no row"), ([{"a": 1}, {"a": "b"}], "do not fit one table")]
)
def test_rows_that_make_no_table_leave_the_former_folder(rows, message, folder):
    folder.save((ROWS, CARD))
    with pytest.raises(DatasetError, match=message):
        folder.save((rows, CARD))
    assert folder.load() == (ROWS, CARD)


def test_a_missing_folder_says_what_to_do(folder):
    with pytest.raises(DatasetError, match="does not exist; run the pipeline first"):
        folder.load()


def test_a_text_comes_back_and_the_former_one_survives_a_full_disk(tmp_path, full_disk):
    text = TextDataset(filepath=str(tmp_path / "page.html"))
    text.save("<p>Löwe</p>")
    with full_disk(100), pytest.raises(DatasetError, match="could not be written"):
        text.save("x" * 10_000)
    assert text.load() == "<p>Löwe</p>"
