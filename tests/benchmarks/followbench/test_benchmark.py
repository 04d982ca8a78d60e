import json

import pytest

from quintain.benchmarks.followbench.benchmark import GROUPS, load_benchmark


def test_an_english_set_has_820_items_of_164_groups(benchmark_rows, write_benchmark):
    items = load_benchmark(write_benchmark(benchmark_rows), "en")
    # 25 + 22 + 30 + 30 + 40 + 17 = 164 groups of five levels
    assert len({(item.category, item.example_id) for item in items}) == 164
    assert len(items) == 5 * 164


def test_a_chinese_set_has_158_groups():
    # 23 + 22 + 30 + 30 + 40 + 13
    assert sum(GROUPS["zh"].values()) == 158


def test_level_0_is_never_asked_but_stands_first_in_the_judges_path(benchmark_rows, write_benchmark):
    items = load_benchmark(write_benchmark(benchmark_rows), "en")
    third = next(item for item in items if (item.category, item.example_id, item.level) == ("style", "2", 3))
    assert {item.level for item in items} == {1, 2, 3, 4, 5}
    assert third.path == tuple(f"style 2: do this with {level} constraints" for level in (0, 1, 2))


def test_rules_name_their_check_once_per_constraint_and_are_empty_where_a_judge_is_needed(
    benchmark_rows, write_benchmark
):
    benchmark_rows["content"][2] |= {"source": "E2E", "target": "name[Mill]"}
    items = load_benchmark(write_benchmark(benchmark_rows), "en")
    extracted = next(item for item in items if item.source == "E2E")
    assert [(rule.kind, rule.value) for rule in extracted.rules] == [("followbench-en", "E2E")] * extracted.level
    assert {item.rules for item in items if item.category == "style"} == {()}


def test_two_english_format_groups_have_rules_whatever_their_source(benchmark_rows, write_benchmark):
    items = load_benchmark(write_benchmark(benchmark_rows), "en")
    ruled = {item.example_id for item in items if item.category == "format" and item.rules}
    assert ruled == {"22", "30"}


def test_a_source_with_rules_in_one_category_has_none_in_the_example_category(benchmark_rows, write_benchmark):
    # The example set draws from a dataset called xsum, too; its items are checked by their wrapper.
    for row in benchmark_rows["example"][:5]:
        row["source"] = "xsum"
    items = load_benchmark(write_benchmark(benchmark_rows), "en")
    assert {rule.value for item in items if item.category == "example" for rule in item.rules} == {"example"}


def test_the_optional_answer_field_changes_nothing(benchmark_rows, write_benchmark):
    without = load_benchmark(write_benchmark(benchmark_rows), "en")
    for row in benchmark_rows["example"]:
        row["answer"] = "BOT: yes"
    assert load_benchmark(write_benchmark(benchmark_rows), "en") == without


def test_a_missing_file_is_named(benchmark_rows, write_benchmark):
    del benchmark_rows["mixed"]
    with pytest.raises(ValueError, match=r"mixed_constraints\.json is missing"):
        load_benchmark(write_benchmark(benchmark_rows), "en")


def test_a_broken_file_is_named(benchmark_rows, write_benchmark):
    folder = write_benchmark(benchmark_rows)
    (folder / "style_constraints.json").write_bytes(b"[\xff")
    with pytest.raises(ValueError, match=r"style_constraints\.json is no JSON"):
        load_benchmark(folder, "en")


def test_a_file_that_is_no_list_is_named(benchmark_rows, write_benchmark):
    folder = write_benchmark(benchmark_rows)
    (folder / "style_constraints.json").write_text(json.dumps({"rows": []}))
    with pytest.raises(ValueError, match=r"style_constraints\.json must hold a list of objects"):
        load_benchmark(folder, "en")


def test_a_lost_row_is_named_by_the_first_group_out_of_step(benchmark_rows, write_benchmark):
    del benchmark_rows["situation"][8]  # group 2 level 2
    with pytest.raises(ValueError, match="row 8 is group 2 level 3, expected group 2 level 2"):
        load_benchmark(write_benchmark(benchmark_rows), "en")


def test_a_lost_last_group_is_told_by_the_count(benchmark_rows, write_benchmark):
    benchmark_rows["mixed"] = benchmark_rows["mixed"][:-6]
    with pytest.raises(ValueError, match="96 rows, expected 102"):
        load_benchmark(write_benchmark(benchmark_rows), "en")


@pytest.mark.parametrize(
    ("category", "change", "message"),
    [
        ("style", {"instruction": "  "}, "group 1 level 1: the instruction is empty"),
        ("style", {"target": None}, "group 1 level 1: field 'target' must be text, got None"),
        ("content", {"source": "E2E"}, "group 1 level 1: E2E is checked against a target, and it is empty"),
        ("content", {"source": "CONLL2003", "target": "print(1)"}, "the target must be a list of names"),
        ("content", {"source": "CONLL2003", "target": "'Bonn'"}, "the target must be a list of names"),
    ],
)
def test_a_broken_row_is_named_by_file_group_and_level(benchmark_rows, write_benchmark, category, change, message):
    benchmark_rows[category][1] |= change
    with pytest.raises(ValueError, match=message):
        load_benchmark(write_benchmark(benchmark_rows), "en")


def test_a_wrapper_must_hold_the_answer_once(benchmark_rows, write_benchmark):
    benchmark_rows["example"][0]["target"] = "{instruction}\nBOT:"
    with pytest.raises(ValueError, match=r"group 1 level 1: a wrapper must hold \{answer\} exactly once"):
        load_benchmark(write_benchmark(benchmark_rows), "en")


def test_a_language_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ValueError, match="language must be one of en, zh, got 'de'"):
        load_benchmark(tmp_path, "de")
