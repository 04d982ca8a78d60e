"""Tasks are opened from task files and by name; what cannot be asked of a chat is refused."""

import json

import pytest

from quintain.benchmarks.harness.opened_task import open_part
from quintain.benchmarks.harness.suites import SUITES, Part
from quintain.errors import ConfigError, RecordError
from tests.benchmarks.harness.local_tasks import INSTALLED, SUMS, lay_out

pytestmark = INSTALLED
PIQA = next(part for part in SUITES["retention"] if part.task == "piqa")


def part(name, **settings):
    return Part(task=name, asked="", source="", **settings)


def opened(tmp_path, change=None, **settings):
    lay_out(tmp_path, task=SUMS | (change or {}))
    return open_part(part("sums", **settings), {"sums": str(tmp_path)}, task_files=tmp_path / "tasks")


def test_a_task_file_opens_with_its_rows(tmp_path):
    (found,) = opened(tmp_path)
    assert (found.name, found.category, found.metric, found.writes) == ("sums", "sums", "acc", False)
    assert [row["gold"] for row in found.task.eval_docs] == [1, 1, 1]


def test_parts_are_tasks_and_where_they_stand_apart_categories_of_their_own(tmp_path):
    for name in ("navigate", "snarks"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"examples": [{"input": "a?", "target": "Yes"}]}))
    bbh = SUITES["lion"][0]
    found = open_part(bbh, {"bbh": str(tmp_path)}, only=["snarks", "navigate"])
    assert [each.category for each in found] == ["bbh_navigate", "bbh_snarks"]
    with pytest.raises(ConfigError, match=r"only\.bbh names snark; there are boolean_expressions"):
        open_part(bbh, {"bbh": str(tmp_path)}, only=["snark"])
    with pytest.raises(RecordError, match=r"boolean_expressions\.json does not exist"):
        open_part(bbh, {"bbh": str(tmp_path)})


def test_a_task_of_the_harness_reads_a_folder(tmp_path):
    rows = [{"goal": "Open a jar.", "sol1": "Turn the lid.", "sol2": "Eat the lid.", "label": 0}] * 2
    for split in ("train", "validation"):
        (tmp_path / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (found,) = open_part(PIQA, {"piqa": str(tmp_path)})
    assert (found.category, found.metric, len(found.task.eval_docs)) == ("piqa", "acc", 2)


def test_a_group_of_the_harness_asks_for_one_source_for_all_its_tasks():
    with pytest.raises(ConfigError, match=r"no source for the task mmlu: .*cais/mmlu on the hub"):
        open_part(SUITES["retention"][0], {})
    with pytest.raises(ConfigError, match=r"only\.mmlu names alchemy; there are mmlu_"):
        open_part(SUITES["retention"][0], {"mmlu": "cais/mmlu@1"}, only=["alchemy"])


def test_an_unknown_task_is_said_with_the_one_that_was_meant():
    with pytest.raises(ConfigError, match="there is no task 'piqqa'; did you mean piqa"):
        open_part(part("piqqa", home="piqa"), {})


def test_a_task_file_takes_no_dataset_of_the_hub():
    with pytest.raises(ConfigError, match=r"reads test\.jsonl in a folder; fetch openai/gsm8k@1"):
        open_part(part("gsm8k"), {"gsm8k": "openai/gsm8k@1"})


def test_a_metric_or_filter_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"by 'f1': it has the metrics acc and the filters none"):
        opened(tmp_path, metric="f1")
    with pytest.raises(ConfigError, match="filters none"):
        opened(tmp_path, metric="acc,strict")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"gen_prefix": "Answer:"}, "begins the response for the model"),
        ({"repeats": 4}, "asks every question 4 times"),
        ({"metric_list": [{"metric": "acc_mutual_info"}]}, "compares with likelihoods without a prompt"),
    ],
)
def test_what_cannot_be_asked_of_a_chat_is_refused(tmp_path, change, said):
    with pytest.raises(ConfigError, match=f"the task sums {said}"):
        opened(tmp_path, change)


def test_a_template_that_does_not_go_with_the_rows_is_said(tmp_path):
    with pytest.raises(RecordError, match="the task sums cannot be opened: UndefinedError.*answer"):
        opened(tmp_path, {"doc_to_text": "{{answer}}"})
