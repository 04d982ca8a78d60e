"""The file of prompts: what is read, and where a bad line is said to be bad."""

import json

import pytest

from quintain.benchmarks.verifiable.prompts import prompts_digest, read_prompts

GOOD = {
    "key": 1,
    "prompt": "Write about tea in under 50 words, no commas.",
    "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
    "kwargs": [{}, {"relation": "less than", "num_words": 50}],
}
# as the hub has it: every parameter of every kind, null where it does not apply
NULLS = {"num_words": None, "relation": None, "keywords": None, "letter": None}


@pytest.fixture
def file(tmp_path):
    def write(*rows):
        path = tmp_path / "prompts.jsonl"
        path.write_text(
            "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), encoding="utf-8"
        )
        return path

    return write


def test_the_released_form_and_the_hubs_nulls_read_alike(file):
    released = read_prompts(file(GOOD))
    hub = read_prompts(file({**GOOD, "kwargs": [NULLS, {**NULLS, "relation": "less than", "num_words": 50}]}))
    assert released == hub
    (prompt,) = released
    assert (prompt.key, prompt.prompt) == (1, GOOD["prompt"])
    assert [(each.kind, each.family, each.parameters) for each in prompt.instructions] == [
        ("punctuation:no_comma", "punctuation", {}),
        ("length_constraints:number_words", "length_constraints", {"num_words": 50, "relation": "less than"}),
    ]


def test_a_null_entry_blank_lines_and_further_columns_are_fine(file):
    row = {**GOOD, "instruction_id_list": ["punctuation:no_comma"], "kwargs": [None], "source": "mine"}
    assert len(read_prompts(file(row, "\n", "\n", {**row, "key": "b"}))) == 2


def test_a_line_separator_inside_a_prompt_ends_no_line(file):
    prompt = "One\u2028two\u0085three, please."
    path = file(json.dumps({**GOOD, "prompt": prompt}, ensure_ascii=False) + "\n")
    assert read_prompts(path)[0].prompt == prompt


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{\n", r"line 2: Input data was truncated"),
        ({**GOOD, "key": None}, r"line 2: Expected `int \| str`, got `null` - at `\$\.key`"),
        ({"key": 2}, r"line 2: Object missing required field `prompt`"),
        ({**GOOD, "key": 2, "prompt": " "}, r"line 2: key 2: prompt is empty"),
        ({**GOOD, "key": 2, "kwargs": [{}]}, r"line 2: key 2: 2 ids in instruction_id_list and 1 entries in kwargs"),
        ({**GOOD, "key": 2, "instruction_id_list": [], "kwargs": []}, r"line 2: key 2: 0 ids"),
        (
            {**GOOD, "key": 2, "kwargs": [{}, {"num_words": 50}]},
            r"line 2: key 2, kwargs\[1\]: length_constraints:number_words takes .* missing required field `relation`",
        ),
        ({**GOOD, "key": 2, "kwargs": [{}, {}]}, r"kwargs\[1\].*missing required field `num_words`"),
        (
            {**GOOD, "key": 2, "instruction_id_list": ["punctuation:no_commas", "x"]},
            r"line 2: key 2, kwargs\[0\]: there is no instruction 'punctuation:no_commas'; did you mean",
        ),
        (GOOD, r"line 2: key 1 stands on an earlier line too"),
        ({**GOOD, "key": "1"}, r"line 2: key 1 stands on an earlier line too"),
    ],
)
def test_a_bad_line_is_named_with_file_line_key_and_field(file, row, message):
    path = file(GOOD, row)
    with pytest.raises(ValueError, match=message) as caught:
        read_prompts(path)
    assert str(caught.value).startswith(f"{path}, ")


def test_a_missing_and_an_empty_file_are_named(file, tmp_path):
    with pytest.raises(ValueError, match=r"nowhere\.jsonl cannot be read: No such file"):
        read_prompts(tmp_path / "nowhere.jsonl")
    with pytest.raises(ValueError, match=r"prompts\.jsonl holds no prompt"):
        read_prompts(file("\n"))


def test_the_digest_sees_what_is_asked_and_checked_but_no_order(file):
    other = {**GOOD, "key": 2}
    digest = prompts_digest(read_prompts(file(GOOD, other)))
    assert prompts_digest(read_prompts(file(other, GOOD))) == digest
    stricter = {**GOOD, "kwargs": [{}, {"relation": "less than", "num_words": 40}]}
    assert prompts_digest(read_prompts(file(stricter, other))) != digest
