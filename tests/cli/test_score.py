"""`quintain score` and `quintain read-replies` on the real files, in a folder that is no project."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from quintain.benchmarks.followbench.benchmark import load_benchmark
from tests.console import quintain

DATA = Path(__file__).parents[3] / "shared/data/followbench"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the FollowBench files are not beside this checkout")
HEAVY = ["torch", "mlflow", "kedro", "pandas", "great_expectations", "transformers"]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def outputs(tmp_path):
    items = load_benchmark(DATA / "en", "en")
    with (tmp_path / "outputs.jsonl").open("w") as file:
        for item in items:
            said = {"category": item.category, "example_id": int(item.example_id), "level": item.level}
            file.write(json.dumps({**said, "output": ""}) + "\n")
    return items


@real
def test_empty_outputs_get_the_verdicts_that_were_seen_on_the_authors_code(outputs, tmp_path):
    done = quintain(
        tmp_path, "score", "outputs.jsonl", "--pack", DATA / "en", "--language", "en", "--rules", "upstream-parity",
        "--to", "verdicts.jsonl", "--scorecard", "card.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    verdicts = lines(tmp_path / "verdicts.jsonl")
    assert [(v["category"], str(v["example_id"]), v["level"]) for v in verdicts] == [
        (item.category, item.example_id, item.level) for item in outputs
    ]
    # 5 of the 350 rule-scored items are passed by nothing at all; 470 items need a judge
    assert sum(v["satisfied"] is True for v in verdicts) == 5
    assert sum(v["satisfied"] is None for v in verdicts) == 470
    card = json.loads((tmp_path / "card.json").read_text())
    assert (card["n_scored"], card["n_unread"]) == (350, 0)
    assert card["hsr"]["style"] == [None] * 5  # only a judge can tell, and none did
    assert set(card) == {"hsr", "ssr", "csl", "macro", "n_scored", "n_unread"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.json", "outputs.jsonl", "verdicts.jsonl"]


@real
def test_replies_score_the_judged_half(outputs, tmp_path):
    with (tmp_path / "replies.jsonl").open("w") as file:
        for item in outputs:
            if not item.rules:
                reply = "YES" if item.level == 1 else f"So:\n{['YES'] * item.level}"
                key = {"category": item.category, "example_id": int(item.example_id), "level": item.level}
                file.write(json.dumps({**key, "reply": reply}) + "\n")
    done = quintain(
        tmp_path, "score", "outputs.jsonl", "--pack", DATA / "en", "--language", "en", "--rules", "upstream-parity",
        "--replies", "replies.jsonl", "--to", "verdicts.jsonl", "--scorecard", "card.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "card.json").read_text())
    assert card["n_scored"] == 820
    assert card["hsr"]["style"] == [100.0] * 5
    assert card["csl"]["style"] == 5.0


@real
def test_another_language_and_a_malformed_line_name_the_place(outputs, tmp_path):
    common = ["--rules", "corrected", "--to", "v.jsonl"]
    done = quintain(tmp_path, "score", "outputs.jsonl", "--pack", DATA / "zh", "--language", "zh", *common)
    assert done.returncode == 1
    assert "is the language right?" in done.stderr
    (tmp_path / "bad.jsonl").write_text('{"category": "style", "example_id": 1, "level": "one", "output": ""}\n')
    done = quintain(tmp_path, "score", "bad.jsonl", "--pack", DATA / "en", "--language", "en", *common)
    assert "bad.jsonl, line 1: Expected `int`, got `str` - at `$.level`" in done.stderr
    assert not (tmp_path / "v.jsonl").exists()
    assert "Traceback" not in done.stderr


@real
def test_what_is_missing_or_said_twice_is_counted_and_a_contradiction_is_refused(outputs, tmp_path):
    judged = [item for item in outputs if not item.rules][:3]
    key = [{"category": item.category, "example_id": int(item.example_id), "level": item.level} for item in judged]
    said = "".join(json.dumps({**one, "output": "x"}) + "\n" for one in key[:2])
    (tmp_path / "few.jsonl").write_text(said)
    replies = [{**key[0], "reply": "['NO']"}, {**key[0], "reply": "['NO']"}, {**key[2], "reply": "['NO']"}]

    def scored(replies):
        (tmp_path / "replies.jsonl").write_text("".join(json.dumps(reply) + "\n" for reply in replies))
        return quintain(
            tmp_path, "score", "few.jsonl", "--pack", DATA / "en", "--language", "en", "--rules", "corrected",
            "--replies", "replies.jsonl", "--to", "verdicts.jsonl",
        )  # fmt: skip

    assert scored(replies).stdout == (
        "2 outputs: 1 scored, 0 unread, 1 not scored; 818 of 820 items have no output; "
        "1 replies belong to no output; 1 replies were given more than once\n"
    )
    refused = scored([*replies, {**key[0], "reply": "['YES']"}])
    assert refused.returncode == 1
    assert "replies.jsonl, reply 4 says something else of category" in refused.stderr


@real
def test_a_null_or_missing_output_is_empty_and_a_null_reply_unread(outputs, tmp_path):
    judged = next(item for item in outputs if not item.rules)
    key = {"category": judged.category, "example_id": int(judged.example_id), "level": judged.level}
    (tmp_path / "null.jsonl").write_text(json.dumps({**key, "output": None}) + "\n")
    (tmp_path / "replies.jsonl").write_text(json.dumps(key) + "\n")
    done = quintain(
        tmp_path, "score", "null.jsonl", "--pack", DATA / "en", "--language", "en", "--rules", "corrected",
        "--replies", "replies.jsonl", "--to", "verdicts.jsonl",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (
        "1 outputs: 1 scored, 1 unread, 0 not scored; 819 of 820 items have no output; 1 outputs are empty"
        in done.stdout
    )
    assert lines(tmp_path / "verdicts.jsonl")[0]["satisfied"] is None


def test_a_pack_that_is_nowhere_says_what_to_name(tmp_path):
    (tmp_path / "o.jsonl").touch()
    done = quintain(
        tmp_path, "score", "o.jsonl", "--pack", "nowhere", "--language", "en", "--rules", "corrected", "--to", "v.jsonl"
    )
    assert done.returncode == 1
    assert "nowhere is no folder; name one that holds content_constraints.json" in done.stderr


def test_replies_are_read_and_never_executed(tmp_path):
    flag = tmp_path / "executed"
    replies = [
        {"id": 1, "level": 2, "reply": "x\n['YES', 'NO']"},
        {"id": "b", "level": 2, "reply": f"[open({str(flag)!r}, 'w'), 'YES']"},
        {"id": 3, "level": 1, "reply": "YES"},
        {"id": 4, "level": 1, "reply": None},
        {"id": 5, "level": 3},
    ]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(reply) + "\n" for reply in replies))
    done = quintain(
        tmp_path, "read-replies", "r.jsonl", "--language", "en", "--rules", "upstream-parity", "--to", "out.jsonl"
    )
    assert done.returncode == 0, done.stderr
    assert lines(tmp_path / "out.jsonl") == [
        {"id": 1, "hard": 0, "soft": 0.5},
        {"id": "b", "hard": None, "soft": None},
        {"id": 3, "hard": 1, "soft": 1.0},
        {"id": 4, "hard": None, "soft": None},
        {"id": 5, "hard": None, "soft": None},
    ]
    assert not flag.exists()


def test_replies_that_come_again_are_counted(tmp_path):
    replies = [{"id": 1, "level": 1, "reply": said} for said in ("YES", "YES", "NO")]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(reply) + "\n" for reply in replies))
    done = quintain(tmp_path, "read-replies", "r.jsonl", "--language", "en", "--to", "out.jsonl")
    assert done.stdout == "3 replies, 0 unread; 2 have the id and level of an earlier one\n"


def test_scoring_loads_nothing_heavy():
    script = (
        "import sys, quintain.cli.score, quintain.cli.read_replies, quintain.cli.json_lines\n"
        "import quintain.benchmarks.followbench.outputs\n"
        f"assert not set({HEAVY}) & set(sys.modules), set({HEAVY}) & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
