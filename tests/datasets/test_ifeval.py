import pytest
from kedro.io import DatasetError

from quintain.datasets.ifeval import IFEvalDataset


def test_a_missing_file_is_an_error_that_says_where_to_get_it(tmp_path):
    dataset = IFEvalDataset(filepath=str(tmp_path / "input_data.jsonl"))
    with pytest.raises(DatasetError, match=r"input_data\.jsonl cannot be read.*conf/ifeval/globals\.yml"):
        dataset.load()
    assert not dataset.exists()


def test_the_prompts_are_read_and_never_written(tmp_path):
    path = tmp_path / "prompts.jsonl"
    path.write_text('{"key": 1, "prompt": "Hi", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}\n')
    dataset = IFEvalDataset(filepath=str(path))
    assert [prompt.prompt for prompt in dataset.load()] == ["Hi"]
    with pytest.raises(DatasetError, match="is only read"):
        dataset.save([])
