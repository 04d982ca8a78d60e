"""`quintain packs` writes exact packs, rows and edits: the sizes asked for, equal bytes, or one clear error."""

import json

import pytest
from click.testing import CliRunner

from quintain.cli import cli
from quintain.datasets.edit_cases import EditCasesDataset
from quintain.errors import QuintainError
from quintain.packs.build import build_pack
from quintain.packs.exercises.drawing import read_exercise
from quintain.records import ConstraintItem


def run(*arguments):
    return CliRunner().invoke(cli, ["packs", *map(str, arguments)])


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("name", "size"), [("starter", 1200), ("core", 1440)])
def test_a_pack_s_items_are_written_as_they_are_built(tmp_path, name, size):
    import msgspec

    to = tmp_path / "items.jsonl"
    assert run("build", name, "--to", to).exit_code == 0
    read = [msgspec.json.decode(line, type=ConstraintItem) for line in to.read_bytes().splitlines()]
    assert read == build_pack(name)
    assert len(read) == size


def test_training_rows_pass_their_checks_and_have_the_size_asked_for(tmp_path):
    to = tmp_path / "rows.jsonl"
    result = run("build", "starter", "--train", "--seed", 41, "--size", 37, "--to", to)
    assert "37 rows of starter, seed 41" in result.output
    rows = lines(to)
    assert len(rows) == 37
    for row in rows:
        assert list(row) == ["instruction", "response"]
        assert read_exercise(row["instruction"])[0].passes(row["response"])


def test_equal_seeds_give_equal_bytes(tmp_path):
    one, two = tmp_path / "1", tmp_path / "2"
    for to in (one, two):
        run("build", "core", "--train", "--seed", 3, "--size", 20, "--to", to)
    assert one.read_bytes() == two.read_bytes()


def test_trl_gets_a_conversation_in_its_columns(tmp_path):
    plain, trl = tmp_path / "plain", tmp_path / "trl"
    asked = ("build", "core", "--train", "--seed", 3, "--size", 8, "--to")
    run(*asked, plain)
    run(*asked, trl, "--format", "trl")
    for row, turns in zip(lines(plain), lines(trl), strict=True):
        assert turns == {
            "prompt": [{"role": "user", "content": row["instruction"]}],
            "completion": [{"role": "assistant", "content": row["response"]}],
        }


def test_edits_are_read_by_the_project_s_dataset(tmp_path):
    to = tmp_path / "edits.json"
    assert run("build-edits", "--seed", 2, "--size", 21, "--to", to).exit_code == 0
    cases = EditCasesDataset(filepath=str(to)).load()
    assert len({case.subject for case in cases}) == 21
    assert all(case.aliases and case.paraphrases and case.relation for case in cases)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build", "giant"), "'giant' is not one of 'starter', 'core', 'extended'"),
        (("build", "core", "--train"), "--train needs --size"),
        (("build", "core", "--size", 5), "--size and --format belong to --train"),
        (("build", "core", "--format", "trl"), "--size and --format belong to --train"),
        (("build", "core", "--train", "--size", 0), "0 is not in the range"),
        (("build", "core", "--train", "--size", -3), "-3 is not in the range"),
        (("build", "core", "--train", "--size", "many"), "'many' is not a valid integer"),
        (("build", "core", "--train", "--size", 5, "--seed", -1), "-1 is not in the range"),
        (("build-edits", "--size", 0), "0 is not in the range"),
        (("build-edits",), "Missing option '--size'"),
    ],
)
def test_a_wrong_argument_is_one_clear_error_and_writes_nothing(tmp_path, arguments, message):
    to = tmp_path / "out"
    result = run(*arguments, "--to", to)
    assert result.exit_code == 2
    assert message in result.output
    assert not to.exists()


def test_more_edits_than_there_can_be_say_how_many_there_can_be(tmp_path):
    result = run("build-edits", "--size", 60_000, "--to", tmp_path / "out")
    assert isinstance(result.exception, QuintainError)
    assert "--size 60000: the number of edits must be 1 to 50,000" in str(result.exception)


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = run("build", "starter", "--train", "--size", 2, "--to", tmp_path / "file" / "rows.jsonl")
    assert isinstance(result.exception, QuintainError)
    assert "could not be written" in str(result.exception)


def test_a_folder_is_no_target(tmp_path):
    result = run("build", "starter", "--train", "--size", 2, "--to", tmp_path)
    assert result.exit_code == 2
    assert "is a directory" in result.output


def test_what_stood_there_stays_until_all_is_written(tmp_path, monkeypatch):
    to = tmp_path / "rows.jsonl"
    to.write_text("before")

    def broken(*_):
        yield "Ask", "Respond"
        raise ValueError("after 1 rows the draws give nothing new; ask for fewer")

    monkeypatch.setattr("quintain.packs.training.training_rows", broken)
    result = run("build", "starter", "--train", "--size", 2, "--to", to)
    assert "ask for fewer" in str(result.exception)
    assert to.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]
