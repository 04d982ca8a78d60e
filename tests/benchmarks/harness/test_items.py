"""Items are chats, candidates and golds; a gold that nothing can meet is refused before anybody is asked."""

import pytest

from quintain.benchmarks.harness.items import chat_of, task_items
from quintain.benchmarks.harness.opened_task import open_part
from quintain.benchmarks.harness.suites import Part
from quintain.errors import ConfigError, RecordError
from tests.benchmarks.harness.local_tasks import INSTALLED, ROWS, SUMS, lay_out

pytestmark = INSTALLED


def items(tmp_path, rows=ROWS, task=None, shots=None, limit=0):
    lay_out(tmp_path, rows, SUMS | (task or {}))
    part = Part(task="sums", asked="", source="")
    (opened,) = open_part(part, {"sums": str(tmp_path)}, task_files=tmp_path / "tasks")
    return list(task_items(opened, shots, limit))


def test_an_item_is_a_question_with_the_responses_that_are_weighed(tmp_path):
    first, *rest = items(tmp_path)
    assert [(turn.role, turn.content) for turn in first.chats[0]] == [("user", "What is 1 plus 1?")]
    assert (first.responses, first.gold, len(rest)) == (("1", "2"), "1", 2)
    assert [(asked.messages, response) for asked, response in first.pairs()] == [
        (first.chats[0], "1"),
        (first.chats[0], "2"),
    ]


def test_equal_rows_are_two_items(tmp_path):
    assert len({item.id for item in items(tmp_path, [ROWS[0], ROWS[0]])}) == 2


def test_a_limit_takes_the_first_rows(tmp_path):
    assert [item.number for item in items(tmp_path, limit=2)] == [0, 1]


def test_examples_are_turns_before_the_question(tmp_path):
    (first, *_) = items(tmp_path, shots=2)
    assert [turn.role for turn in first.chats[0]] == ["user", "assistant", "user", "assistant", "user"]
    assert first.prompt == "What is 1 plus 1?"


@pytest.mark.parametrize("gold", [2, -1, 7])
def test_a_gold_out_of_range_is_refused(tmp_path, gold):
    with pytest.raises(
        RecordError, match=rf"task sums, row 2: the gold .?{gold}.? is out of the range of its 2 choices"
    ):
        items(tmp_path, [ROWS[0], ROWS[1] | {"gold": gold}])


def test_a_written_gold_that_is_none_of_the_options_is_refused(tmp_path):
    task = {"output_type": "generate_until", "doc_to_choice": None, "doc_to_target": "{{options[gold]}}"}
    task |= {"metric_list": [{"metric": "exact_match"}], "gold_among": "2 4"}
    with pytest.raises(RecordError, match="row 3: the gold '6' is none of 2, 4"):
        items(tmp_path, task=task)


def test_more_examples_than_rows_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"9 examples cannot be shown \(`shots`\)"):
        items(tmp_path, shots=9)


def test_a_context_without_turns_is_one_of_the_user():
    assert [(turn.role, turn.content) for turn in chat_of('{"role": "user"}')] == [("user", '{"role": "user"}')]
