"""A task file says what it lacks, by file and field."""

import pytest
import yaml

from quintain.benchmarks.harness.task_file import OWN, own_tasks, read_task_file
from quintain.errors import ConfigError
from tests.benchmarks.harness.local_tasks import SUMS


def written(folder, document):
    path = folder / "sums.yaml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    return path


@pytest.mark.parametrize("name", sorted(own_tasks()))
def test_every_task_file_of_the_package_reads(name):
    file = read_task_file(own_tasks()[name])
    assert file.task == name
    assert file.config["metric_list"]


def test_what_a_task_file_says_is_kept(tmp_path):
    file = read_task_file(written(tmp_path, SUMS))
    assert (file.files, file.rows, dict(file.parts)) == ("sums.jsonl", "", {})
    assert dict(file.fields) == {"question": "text", "options": "list", "gold": "number"}
    assert "local" not in file.config


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"doc_to_text": None}, r"sums\.yaml lacks doc_to_text"),
        ({"doc_to_choice": ""}, r"sums\.yaml lacks doc_to_choice"),
        ({"metric_list": []}, r"lacks metric_list"),
        ({"local": {"fields": {"a": "text"}}}, r"lacks local\.files"),
        ({"local": {"files": "a.json", "fields": {}}}, r"lacks local\.fields"),
        ({"local": None}, r"needs a section `local`"),
        ({"local": {"files": "a.json", "fields": {"a": "string"}}}, r"local\.fields\.a must be one of text, list"),
        ({"local": {"files": "a.json", "fields": {"a": "text"}, "field": {}}}, r"local has field; it knows files"),
        ({"local": {"files": "{part}.json", "fields": {"a": "text"}}}, r"names \{part\} where there are parts"),
        ({"output_type": "loglikelihood_rolling"}, r"'loglikelihood_rolling' is none of generate_until"),
        ({"task": "products"}, r"named otherwise than its task 'products'"),
    ],
)
def test_what_is_wrong_with_a_task_file_is_said(tmp_path, change, said):
    with pytest.raises(ConfigError, match=said):
        read_task_file(written(tmp_path, SUMS | change))


def test_what_is_no_yaml_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"sums\.yaml cannot be read"):
        read_task_file(written(tmp_path, "task: [sums"))


def test_files_of_a_folder_of_ones_own_win(tmp_path):
    (tmp_path / "gsm8k.yaml").write_text("task: gsm8k")
    assert own_tasks(tmp_path)["gsm8k"] == tmp_path / "gsm8k.yaml"
    assert own_tasks()["gsm8k"].parent == OWN
    with pytest.raises(ConfigError, match="there is no folder"):
        own_tasks(tmp_path / "nowhere")
