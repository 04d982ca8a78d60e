"""A memory as a dataset: written whole, opened by whoever asks."""

import pytest

from quintain.datasets import EditMemoryDataset
from quintain.edit_memory import EditMemory
from quintain.errors import EditError
from quintain.methods.lte import Edit, HashedNgrams
from tests.methods.lte.edits import mayor, passing


@pytest.fixture
def dataset(tmp_path):
    return EditMemoryDataset(filepath=str(tmp_path / "memory"))


def head_and_answer(folder):
    with EditMemory.open(folder, HashedNgrams()) as memory:
        return memory.head, passing(memory.search("Who is the mayor of Veldmark?"))


def test_saved_edits_are_found_in_the_folder(dataset):
    assert not dataset.exists()
    dataset.save(([mayor()], HashedNgrams()))
    assert head_and_answer(dataset.load())[1] == ["Ada Brook"]


def test_saving_the_same_edits_again_gives_the_same_head(dataset):
    dataset.save(([mayor()], HashedNgrams()))
    first, _ = head_and_answer(dataset.load())
    dataset.save(([mayor("Bo Cole")], HashedNgrams()))
    dataset.save(([mayor()], HashedNgrams()))
    assert head_and_answer(dataset.load())[0] == first


def test_a_save_that_fails_leaves_the_former_memory(dataset):
    dataset.save(([mayor()], HashedNgrams()))
    with pytest.raises(Exception, match="subject is empty") as caught:
        dataset.save(([Edit(subject="", prompt="The mayor is", target_new="Cy")], HashedNgrams()))
    assert isinstance(caught.value.__cause__ or caught.value, EditError)
    assert head_and_answer(dataset.load())[1] == ["Ada Brook"]


def test_a_folder_without_a_memory_is_named(dataset, tmp_path):
    (tmp_path / "memory").mkdir()
    with pytest.raises(Exception, match=r"memory holds no edit memory; run the pipeline `editing` first"):
        dataset.load()
