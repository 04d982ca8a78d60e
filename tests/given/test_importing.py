"""Every row is kept or dropped with file, line and reason; what a file was taken for is said."""

import json

import pytest

from quintain.errors import RecordError
from quintain.given.columns import Columns
from quintain.given.importing import Importer
from quintain.given.layout import Layout
from quintain.given.sources import file_source
from quintain.records import Dropped, InstructionPair, Message, PreferencePair


@pytest.fixture
def imported(tmp_path):
    """Imports lines, or objects as lines: importer, records and what was dropped, as (line, reason)."""

    def read(rows, layout=None, name="mine.jsonl"):
        path = tmp_path / name
        lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
        path.write_bytes(b"\n".join(lines) + b"\n")
        importer = Importer()
        found = list(importer.read(file_source(path), layout or Layout(name=name)))
        dropped = [(one.where.removeprefix(f"{path}, "), one.reason) for one in found if isinstance(one, Dropped)]
        return importer, [one.record for one in found if not isinstance(one, Dropped)], dropped

    return read


def chat(*turns, role="role", content="content"):
    return [{role: who, content: text} for who, text in turns]


def test_alpaca_has_its_input_behind_the_instruction_and_its_history_before(imported):
    row = {"instruction": "Add", "input": "1 2", "output": "3", "system": "Be brief", "history": [["Hi", "Hello"]]}
    _, (pair,), _ = imported([row])
    assert pair == InstructionPair(
        instruction="Add\n\n1 2", response="3", kind="given", request="Add", origin=pair.origin,
        context=(Message(role="system", content="Be brief"), Message(role="user", content="Hi"),
                 Message(role="assistant", content="Hello")),
    )  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        {"conversations": chat(("system", "S"), ("human", "U"), ("gpt", "A"), role="from", content="value")},
        {"conversations": chat(("system", "S"), ("user", "U"), ("assistant", "A"))},
        {"messages": chat(("developer", "S"), ("user", "U"), ("assistant", "A"))},
        {"messages": chat(("system", "S"), ("user", [{"type": "text", "text": "U"}]), ("assistant", "A"))},
        {"prompt": chat(("system", "S"), ("user", "U")), "completion": chat(("assistant", "A"))},
        {"system": "S", "instruction": "U", "output": "A"},
        {"system": "S", "conversations": chat(("human", "U"), ("gpt", "A"), role="from", content="value")},
        {"system_prompt": "S", "instruction": "U", "output": "A", "input": "<noinput>"},
        {"history": chat(("system", "S")), "instruction": "U", "output": "A", "messages": []},
        {"system_message": "S", "system": "", "messages": chat(("user", "U"), ("assistant", "A"))},
        {"messages": json.dumps(chat(("system", "S"), ("user", "U"), ("assistant", "A")))},
        {"conversations": {"from": ["system", "human", "gpt"], "value": ["S", "U", "A"]}},
        {"prompt": chat(("system", "S"), ("user", "U")), "choices": [{"message": {"content": "A"}}]},
    ],
)
def test_one_chat_in_every_spelling(imported, row):
    _, (pair,), _ = imported([row])
    assert (pair.context, pair.instruction, pair.response) == ((Message(role="system", content="S"),), "U", "A")


@pytest.mark.parametrize(
    ("turns", "reason", "detail"),
    [
        ([("user", "u"), ("tool", "t"), ("assistant", "a")], "tool-turn", "messages, turn 2 has the role 'tool'"),
        ([("user", "u"), ("observation", "t"), ("assistant", "a")], "tool-turn", "the role 'observation'"),
        ([("user", "u"), ("narrator", "t"), ("assistant", "a")], "unknown-role", "turn 2 has the role 'narrator'"),
        ([("user", "u")], "no-response", "does not end with the assistant"),
        ([("assistant", "a")], "no-instruction", "no user turn stands before"),
        ([("user", "u"), ("assistant", "")], "empty-response", ""),
        ([("user", "u"), ("assistant", None)], "empty-response", ""),
        ([("user", " "), ("assistant", "a")], "empty-instruction", ""),
        ([("user", "u"), ("assistant", ""), ("user", "v"), ("assistant", "a")], "empty-turn", "turn 2"),
        ([("user", 7), ("assistant", "a")], "not-text", "turn 1 is a number"),
        ([("user", [{"type": "image_url", "image_url": {}}]), ("assistant", "a")], "not-text", "'image_url'"),
        ([("user", "u"), ("assistant", [{"type": "tool_use", "name": "f"}])], "tool-turn", "turn 2 calls a program"),
        ([("user", [{"type": "tool_result"}]), ("assistant", "a")], "tool-turn", "or holds what it gave back"),
        ([("user", ["u", 3]), ("assistant", "a")], "not-text", "a part that is int"),
        ([("user", "a\ud800"), ("assistant", "a")], "broken-text", "half of a character"),
    ],
)
def test_a_chat_that_cannot_be_learned_is_dropped_by_name(imported, turns, reason, detail):
    good = chat(("user", "u"), ("assistant", "good"))
    _, kept, ((where, said),) = imported([{"messages": good}, {"messages": chat(*turns)}])
    assert (len(kept), said) == (1, reason)
    assert where.startswith("line 2")
    assert detail in where


def test_calls_and_declared_tools_are_refused_by_name(imported):
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    rows = [
        {"messages": [*chat(("user", "u")), call, *chat(("assistant", "a"))]},
        {"messages": chat(("user", "u"), ("assistant", "a")), "tools": [{"name": "search"}]},
        {"messages": chat(("user", "u"), ("assistant", "a")), "functions": [{"name": "search"}]},
        {"messages": chat(("user", "u"), ("assistant", "a")), "tools": [], "functions": None},
        {"messages": chat(("user", "v"), ("assistant", "a")), "tools": "null", "images": float("nan")},
    ]
    _, kept, dropped = imported(rows)
    assert len(kept) == 2
    assert [reason for _, reason in dropped] == ["tool-turn"] * 3


@pytest.mark.parametrize(
    "mark", [{"weight": 0}, {"loss": False}, {"loss_weight": 0.0}, {"loss_scale": 0}, {"train": False}]
)
def test_a_response_that_says_it_is_not_to_be_learned_is_dropped(imported, mark):
    def rows(asked, more):
        return {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": "a", **more}]}

    learned = rows("v", dict.fromkeys(mark, 1) | {"weight": None})
    _, (pair,), dropped = imported([rows("u", mark), learned])
    assert pair.instruction == "v"
    assert [reason for _, reason in dropped] == ["not-learned"]


def test_earlier_responses_that_are_not_to_be_learned_are_noted_whatever_the_format(imported):
    marked = [
        {"role": "assistant", "content": "b", "weight": 0},
        *chat(("user", "c")),
        {"role": "assistant", "content": "d", "weight": 1},
        *chat(("user", "e")),
    ]
    last = {"role": "assistant", "content": "f", "weight": 1}
    shared = [{"from": turn["role"], "value": turn["content"], "loss": turn.get("weight", 1)} for turn in marked]
    rows = [
        {"system": "S", "messages": [*chat(("system", ""), ("user", "a")), *marked, last]},
        {"conversations": [{"from": "human", "value": "a"}, *shared, {"from": "gpt", "value": "f"}]},
        {"prompt": [*chat(("user", "a")), *marked], "completion": [last]},
        {"context": [*chat(("user", "a")), *marked[:-1]], "instruction": "e", "response": "f"},
        {"history": [["0", "1"]], "context": [*chat(("user", "a")), *marked[:-1]], "instruction": "e", "output": "f"},
    ]
    for row, unlearned in zip(rows, [(0,), (0,), (0,), (0,), (1,)], strict=True):
        _, (pair,), _ = imported([row])
        assert pair.unlearned == unlearned


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ({"prompt": "u", "completion": "a"}, False),
        ({"prompt": "u", "completion": "a"}, "True"),  # as CSV has it
        ({"prompt": "u", "completion": "a"}, 0),
        ({"prompt": "u", "completion": "a"}, 1.0),
        ({"prompt": chat(("user", "u")), "completion": chat(("assistant", "a"))}, "0"),
        ({"messages": chat(("user", "u"), ("assistant", "a"))}, "false"),
    ],
)
def test_one_response_with_a_yes_or_no_is_no_pair(imported, row, label):
    good = {"instruction": "Is it good?", "output": "yes", "label": 1}  # a class
    _, (pair,), dropped = imported([good, {**row, "label": label}, {**row, "kto_tag": 1}])
    assert pair.response == "yes"
    assert [reason for _, reason in dropped] == ["unpaired-preference"] * 2


def test_a_reply_that_was_cut_is_no_response_and_its_reasoning_stands_before_it(imported):
    def row(asked, **choice):
        return {"prompt_new": asked, "choices": [{"message": {"content": "A", "reasoning": "R"}, **choice}]}

    _, pairs, dropped = imported([row("u"), row("v", finish_reason="length"), row("w", finish_reason="stop")])
    assert [(pair.instruction, pair.response) for pair in pairs] == [
        ("u", "<think>\nR\n</think>\n\nA"), ("w", "<think>\nR\n</think>\n\nA"),
    ]  # fmt: skip
    assert dropped == [("line 2: choices[0] has the finish_reason 'length'", "not-whole")]


def test_choices_of_a_question_are_no_replies(imported):
    importer, (pair,), _ = imported([{"prompt": "Which?", "choices": ["A", "B"], "completion": "B"}])
    assert (pair.instruction, pair.response) == ("Which?", "B")
    assert "TRL's prompt and completion" in importer.reports[0].line


@pytest.mark.parametrize(
    "said",
    [
        {"content": "3", "reasoning_content": "1 + 2"},
        {"content": [{"type": "thinking", "thinking": "1 + 2", "signature": "x"}, {"type": "text", "text": "3"}]},
    ],
)
def test_reasoning_that_is_told_apart_stands_before_the_last_response_between_tags(imported, said):
    _, (pair,), _ = imported([{"messages": [{"role": "user", "content": ["u"]}, {"role": "assistant", **said}]}])
    assert pair.instruction == "u"
    assert pair.response == "<think>\n1 + 2\n</think>\n\n3"


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "U", "chosen": "good", "rejected": "bad"},
        {"prompt": chat(("user", "U")), "chosen": chat(("assistant", "good")), "rejected": chat(("assistant", "bad"))},
        {"chosen": chat(("user", "U"), ("assistant", "good")), "rejected": chat(("user", "U"), ("assistant", "bad"))},
        {"prompt": "U", "chosen": chat(("user", "U"), ("assistant", "good")),
         "rejected": chat(("user", "U"), ("assistant", "bad"))},
        {"conversations": chat(("human", "U"), role="from", content="value"),
         "chosen": {"from": "gpt", "value": "good"}, "rejected": {"from": "gpt", "value": "bad"}},
        {"instruction": "U", "input": "", "chosen": "good", "rejected": "bad"},
        {"chosen": "U good", "rejected": "U bad"},
        {"chosen": "\n\nHuman: U\n\nAssistant: good", "rejected": "\n\nHuman: U\n\nAssistant: bad"},
        {"chosen": "\r\n\r\nHuman: U\r\n\r\nAssistant: good", "rejected": "\r\n\r\nHuman: U\r\n\r\nAssistant: bad"},
        {"prompt": "\n\nHuman: U\n\nAssistant:", "chosen": "good", "rejected": "bad"},
        {"input": "U", "chosen": "good", "rejected": "bad"},
        {"input": {"messages": chat(("user", "U")), "tools": [], "parallel_tool_calls": True},
         "preferred_output": chat(("assistant", "good")), "non_preferred_output": chat(("assistant", "bad"))},
        {"instruction": "U", "assist1": "bad", "assist2": "good", "assist1_score": 2.0, "assist2_score": 8},
    ],
)  # fmt: skip
def test_one_preference_in_every_spelling(imported, row):
    _, (pair,), _ = imported([row])
    assert isinstance(pair, PreferencePair)
    assert (pair.context, pair.prompt, pair.chosen, pair.rejected) == ((), "U", "good", "bad")


def test_the_turns_before_the_two_responses_are_kept(imported):
    before = [("system", "S"), ("user", "u"), ("assistant", "a"), ("user", "v")]
    rows = [
        {side: chat(*before, ("assistant", side)) for side in ("chosen", "rejected")},
        {"prompt": chat(*before), **{side: chat(("assistant", side + "!")) for side in ("chosen", "rejected")}},
        # the prompt's text is the first user turn of a longer chat
        {"prompt": "u", **{side: chat(*before, ("assistant", side + "?")) for side in ("chosen", "rejected")}},
    ]
    _, pairs, _ = imported(rows)
    assert [[turn.role for turn in pair.context] for pair in pairs] == [["system", "user", "assistant"]] * 3
    assert [pair.prompt for pair in pairs] == ["v"] * 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": "p", "chosen": "a", "rejected": "a"}, "equal"),
        ({"prompt": "p", "chosen": "a\n", "rejected": " a"}, "equal"),
        ({"prompt": "p", "chosen": " ", "rejected": "a"}, "empty-response"),
        ({"prompt": "", "chosen": "b", "rejected": "a"}, "empty-instruction"),
        ({"chosen": "blue", "rejected": "green"}, "no-instruction"),
        ({"chosen": chat(("user", "u"), ("assistant", "a")),
          "rejected": chat(("user", "u"), ("assistant", "b"), ("user", "w"), ("assistant", "c"))}, "turns-differ"),
        ({"instruction": "u", "assist1": "a", "assist2": "b", "assist1_score": -1, "assist2_score": -1},
         "unread-scores"),
        ({"instruction": "u", "assist1": "a", "assist2": "b", "assist1_score": 3, "assist2_score": 3}, "tie"),
    ],
)  # fmt: skip
def test_a_pair_that_prefers_nothing_is_dropped(imported, row, reason):
    good = {"prompt": "p", "chosen": "yes", "rejected": "no"}
    _, kept, dropped = imported([good, row])
    assert (len(kept), [said for _, said in dropped]) == (1, [reason])


def test_turns_of_a_transcript_before_a_response_are_its_context(imported):
    before = "\n\nHuman: u\n\nAssistant: a\n\nHuman: v\n\nAssistant:"
    rows = [{"prompt": before, "chosen": "b", "rejected": "c"}, {"prompt": before, "completion": "d"}]
    _, (preference, pair), _ = imported(rows)
    assert (preference.prompt, pair.instruction) == ("v", "v")
    assert preference.context == pair.context == (
        Message(role="user", content="u"), Message(role="assistant", content="a"),
    )  # fmt: skip


def test_two_responses_that_begin_alike_do_not_hold_the_question_beside_them(imported):
    row = {"question": "Capital?", "chosen": "The capital is Paris.", "rejected": "The capital is Rome."}
    with pytest.raises(RecordError, match="add --columns prompt=question,chosen=chosen,rejected=rejected"):
        imported([row])
    _, (pair,), _ = imported([row], Layout(Columns({"prompt": "question"})))
    assert (pair.prompt, pair.chosen) == ("Capital?", row["chosen"])


def test_lines_that_are_no_rows_cost_themselves_alone(imported):
    rows = [
        "\ufeff".encode() + json.dumps({"instruction": "a", "output": "one\u2028two"}, ensure_ascii=False).encode(),
        b'{"instruction": "a", ', b"", b"[1]", b"null", b'{"instruction": "\xff"}', b'{"n": ' + b"9" * 5000 + b"}",
        {"instruction": "b", "output": "c", "id": 12345678901234567890123},
    ]  # fmt: skip
    importer, kept, dropped = imported(rows)
    assert [pair.response for pair in kept] == ["one\u2028two", "c"]
    assert [(where.split(":")[0], reason) for where, reason in dropped] == [
        ("line 2", "unreadable-line"), ("line 4", "no-object"), ("line 5", "no-object"), ("line 6", "unreadable-line"),
        ("line 7", "unreadable-line"),
    ]  # fmt: skip
    assert (importer.kept, importer.rows) == (2, 7)  # the blank line is no row


def test_a_row_that_came_before_is_dropped_and_ids_that_repeat_are_not(imported):
    rows = [{"instruction": "a", "output": "b", "id": 1}, {"instruction": "a", "output": "c", "id": 1},
            {"instruction": "a", "output": "b", "id": 2}]  # fmt: skip
    _, kept, dropped = imported(rows)
    assert [pair.response for pair in kept] == ["b", "c"]
    assert dropped == [("line 3: a row before it is the same", "duplicate")]


def test_a_row_without_its_response_is_one_of_its_file_and_no_instruction_alone(imported):
    rows = [{"instruction": "a", "output": "b"}, {"instruction": "c"}, {"other": 1}, {"output": "d"}]
    _, kept, dropped = imported(rows)
    assert len(kept) == 1
    assert [reason for _, reason in dropped] == ["empty-response", "unknown-format", "empty-instruction"]


def test_formats_that_are_mixed_in_one_file_are_read_row_by_row_and_said(imported):
    rows = [{"instruction": "a", "output": "b"}, {"messages": chat(("user", "c"), ("assistant", "d"))},
            {"instruction": "e", "output": "f"}]  # fmt: skip
    importer, kept, dropped = imported(rows)
    assert ([pair.response for pair in kept], dropped) == (["b", "d", "f"], [])
    line = importer.reports[0].line
    assert "taken for Alpaca, since its rows have instruction, output; mixed: 1 rows are OpenAI's messages" in line


def test_an_instruction_with_context_and_input_holds_both(imported):
    row = {"instruction": "Sum up", "context": "One.", "input": "In a word.", "response": "1"}
    _, (pair,), _ = imported([row])
    assert (pair.instruction, pair.request) == ("Sum up\n\nOne.\n\nIn a word.", "Sum up")


def test_a_label_beside_two_responses_says_nothing_of_one(imported):
    _, (pair,), _ = imported([{"prompt": "p", "chosen": "a", "rejected": "b", "label": True}])
    assert (pair.chosen, pair.rejected) == ("a", "b")


def test_tools_are_refused_beside_every_kind_of_preference(imported):
    rows = [
        {"prompt": "p", "chosen": "a", "rejected": "b"},
        {"chosen": "u a", "rejected": "u b", "tools": "[{}]"},
        {
            "input": {"messages": chat(("user", "u")), "tools": [{}]},
            "preferred_output": chat(("assistant", "a")),
            "non_preferred_output": chat(("assistant", "b")),
        },
        {"chosen": "\n\nHuman: u\n\nAssistant: a", "rejected": "\n\nHuman: u\n\nAssistant: b", "images": ["x"]},
    ]
    _, kept, dropped = imported(rows)
    assert (len(kept), [reason for _, reason in dropped]) == (1, ["tool-turn", "tool-turn", "not-text"])


def test_columns_of_other_names_are_mapped_and_columns_of_our_names_stay_beside(imported):
    layout = Layout(Columns({"instruction": "question", "response": "answer"}))
    rows = [{"question": "Q", "answer": "A", "output": "other", "messages": chat(("user", "x"), ("assistant", "y"))},
            {"question": "R"}]  # fmt: skip
    _, (pair,), dropped = imported(rows, layout)
    assert (pair.instruction, pair.response) == ("Q", "A")
    assert dropped == [("line 2: answer", "missing-column")]


def test_a_mapping_that_fits_no_column_names_the_columns(imported):
    layout = Layout(Columns({"instruction": "questions", "response": "answer"}))
    with pytest.raises(RecordError, match="no row has a column 'questions', .*; the columns are question, answer"):
        imported([{"question": "Q", "answer": "A"}], layout)


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ({"question": "Q", "answer": "A"}, "add --columns instruction=question,response=answer"),
        ({"Question": "Q", "Output": "A"}, "add --columns instruction=Question,response=Output"),
        ({"inputs": "Q", "targets": "A"}, "add --columns instruction=inputs,response=targets"),
        (
            {"problem": "Q", "chosen_response": "A", "rejected_response": "B"},
            "add --columns prompt=problem,chosen=chosen_response,rejected=rejected_response",
        ),
        (
            {"id": 1, "items": chat(("human", "Q"), ("gpt", "A"), role="from", content="value")},
            "add --columns messages=items",
        ),
        ({"conversation": [{"human": "Q", "assistant": "A"}]}, "say which columns hold what"),
        ({"text": "### Human: Hi### Assistant: Hello"}, "chats that a template has rendered"),
        ({"text": "<|im_start|>user\nHi<|im_end|>"}, "chats that a template has rendered"),
        ({"text": "Human: Hi\n\nAssistant: Hello"}, "chats that a template has rendered"),
        ({"text": "A page."}, "name them as `pages`"),
        ({"a": 1, "b": 2}, "its rows have a, b; say which columns hold what with --columns"),
        ({"score": [8, 7], "text": "fine"}, "reviews of a referee are no data to train on"),
    ],
)
def test_a_file_that_fits_nothing_is_one_error_with_what_to_type(imported, row, hint):
    with pytest.raises(RecordError) as caught:
        imported([row, row])
    assert hint in str(caught.value)


def test_the_papers_own_files(imported):
    _, (pool,), _ = imported([{"instruction": "Name a river"}], name="pool.json")
    assert (type(pool).__name__, pool.text) == ("Instruction", "Name a river")
    page = {"webpage": "The page.", "author": "X", "request": "Shorten it", "response": "Page."}
    _, (within,), _ = imported([page], name="WI_all.json")
    _, (closed,), _ = imported([page], name="WR_part.json")
    assert (within.instruction, within.request) == ("Shorten it\n\nThe page.", "Shorten it")
    assert closed.instruction == "Shorten it"
    final = {"prompt_id": "web_data_0", "messages": [{"content": "U", "role": "user"},
                                                     {"content": "A", "role": "assistant"}]}  # fmt: skip
    _, (pair,), _ = imported([final])
    assert (pair.instruction, pair.response) == ("U", "A")
    reply = {"prompt": "U", "choices": [{"message": {"content": "A"}}]}
    _, (said,), _ = imported([reply])
    assert (said.instruction, said.response) == ("U", "A")


def test_a_task_of_self_instruct_has_the_input_of_its_first_instance(imported):
    rows = [{"instruction": "Sum up", "instances": [{"input": text, "output": "o"}]} for text in ("One.", "Two.", "")]
    _, found, dropped = imported([*rows, {"instruction": "Say it", "instances": []}])
    assert [(each.text, each.input) for each in found] == [
        ("Sum up", "One."), ("Sum up", "Two."), ("Sum up", ""), ("Say it", ""),
    ]  # fmt: skip
    assert dropped == []


def test_numbers_of_a_table_are_read_from_their_text(imported):
    rows = ["instruction,assist1,assist2,assist1_score,assist2_score", "a,b,c,2.5,8", "a,b,d,-1,-1", "a,b,e,x,1"]
    _, (pair,), dropped = imported([row.encode() for row in rows], name="hard.csv")
    assert (pair.chosen, [reason for _, reason in dropped]) == ("c", ["unread-scores"] * 2)
    rows = ["example_id,category,level,instruction", "1,content,0,I0", "1,content,1,I1", "1,content,1.5,I2"]
    _, (item,), dropped = imported([row.encode() for row in rows], name="items.csv")
    assert ((item.level, item.path), [reason for _, reason in dropped]) == ((1, ("I0",)), ["level-0", "no-level"])


def test_items_of_followbench_are_items_with_the_levels_before_them(imported):
    rows = [{"example_id": 1, "category": "content", "source": "s", "level": level, "instruction": f"I{level}",
             "target": ""} for level in range(3)]  # fmt: skip
    _, items, dropped = imported(rows)
    assert [(item.level, item.path) for item in items] == [(1, ("I0",)), (2, ("I0", "I1"))]
    assert dropped == [("line 1: the bare instruction is asked of no model", "level-0")]
