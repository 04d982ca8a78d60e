"""A copy of the benchmark is the released one, row by row, or says which row is not."""

import json
import re
import shutil
from pathlib import Path

import pytest

from quintain.benchmarks.followbench.benchmark import CATEGORIES, GROUPS, load_benchmark
from quintain.benchmarks.followbench.released import check_released, fingerprint

DATA = Path(__file__).parents[4] / "shared/data/followbench"
real = pytest.mark.skipif(not DATA.is_dir(), reason=f"the released FollowBench files are not at {DATA}")


@pytest.fixture
def copy(tmp_path):
    """A folder with the released files of a language, one of them changed."""

    def change(language, category, edit):
        shutil.copytree(DATA / language, tmp_path / language)
        file = tmp_path / language / f"{category}_constraints.json"
        rows = json.loads(file.read_bytes())
        edit(rows)
        for row in rows:
            row["instruction"] = row["instruction"].replace("\r\n", "\n").replace("\n", "\r\n")
        file.write_bytes(json.dumps(rows, ensure_ascii=True).encode())
        return tmp_path / language

    return change


@real
@pytest.mark.parametrize(("language", "count"), [("en", 820), ("zh", 790)])
def test_the_released_files_pass(language, count):
    assert len(load_benchmark(DATA / language, language)) == count


@real
def test_a_copy_without_answers_and_with_other_line_ends_and_escapes_passes_as_the_hubs_does(copy):
    folder = copy("en", "example", lambda rows: [row.pop("answer") for row in rows])
    assert len(load_benchmark(folder, "en")) == 820


@real
@pytest.mark.parametrize("field", ["instruction", "target"])
def test_a_changed_row_is_named_with_file_group_level_and_what_to_do(copy, field):
    # Five levels a group and level 0 first: row 13 is group 3 level 1.
    folder = copy("en", "content", lambda rows: rows[13].update({field: "['another']"}))
    message = (
        r"content_constraints\.json, group 3 level 1: instruction or target is not as released.*"
        r"fetch it again from the repository YJiangcm/FollowBench at commit 6278f4c$"
    )
    with pytest.raises(ValueError, match=message):
        load_benchmark(folder, "en")


@real
def test_a_chinese_row_that_differs_may_be_of_an_older_copy(copy):
    folder = copy("zh", "style", lambda rows: rows[1].update(instruction="x"))
    with pytest.raises(ValueError, match="the authors corrected two Chinese rows on 2024-08-06"):
        load_benchmark(folder, "zh")


def test_a_file_of_other_rows_is_another_file():
    rows = [{"instruction": f"do {n}", "target": "", "example_id": n, "level": 1} for n in range(17 * 6)]
    with pytest.raises(ValueError, match="mixed.json is not the released file .*: 102 of 102 rows"):
        check_released(rows, Path("mixed.json"), "en", "mixed")


def test_a_fingerprint_tells_instruction_from_target():
    assert fingerprint({"instruction": "a", "target": "b"}) != fingerprint({"instruction": "ab", "target": ""})


def test_the_package_holds_hashes_of_every_row_and_no_text():
    released = json.loads((Path(fingerprint.__code__.co_filename).parent / "released.json").read_text())
    for language in ("en", "zh"):
        for category in CATEGORIES:
            lines = released[language][category]
            assert len(lines) == GROUPS[language][category]
            hashes = 5 if category == "example" else 6
            assert all(re.fullmatch(r"[0-9a-f]{12}( [0-9a-f]{12})*", line) for line in lines)
            assert {len(line.split()) for line in lines} == {hashes}
