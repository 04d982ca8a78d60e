"""`quintain score --benchmark` in a folder that is no project, and in one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from quintain.benchmarks.exact.benchmark import ExactBenchmark
from tests.console import quintain

DATA = Path(__file__).parents[3] / "shared/data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the released files are not beside this checkout")
HEAVY = ["torch", "mlflow", "kedro", "pandas", "great_expectations", "transformers"]
PROMPTS = [
    {"key": 1, "prompt": "No commas.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]},
    {
        "key": 2,
        "prompt": "Two numbers, no white space.",
        "instruction_id_list": ["count:numbers", "format:no_whitespace"],
        "kwargs": [{"N": 2.0}, {}],
    },
    {"key": 3, "prompt": "JSON.", "instruction_id_list": ["detectable_format:json_format"], "kwargs": [{}]},
]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("name", ["ifbench", "ifeval"])
def test_verdicts_of_instructions_are_strict_and_loose_in_the_order_of_the_file(tmp_path, name):
    write(tmp_path / "prompts.jsonl", PROMPTS)
    write(
        tmp_path / "said.jsonl",
        [{"prompt": PROMPTS[1]["prompt"], "response": "Sure:\n1-and-2"}, {"key": 1.0, "response": float("nan")}],
    )
    done = quintain(
        tmp_path, "score", "said.jsonl", "--benchmark", name, "--source", "prompts.jsonl", "--to", "verdicts.jsonl",
        "--scorecard", "card.json", "--judgements", "judgements.jsonl",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert lines(tmp_path / "verdicts.jsonl") == [
        {
            "key": 2,
            "instruction_id_list": ["count:numbers", "format:no_whitespace"],
            "strict": [True, False],
            "loose": [True, True],
        },
        {"key": 1, "instruction_id_list": ["punctuation:no_comma"], "strict": [False], "loose": [False]},
    ]
    assert f"{name}, 2 outputs: 1 of 3 items without an output; 1 outputs empty; 2 scored" in done.stdout
    card = json.loads((tmp_path / "card.json").read_text())
    # strictly no prompt of two; loosely one of them; the one without an output is in neither
    assert (card["measures"]["prompt_strict"]["value"], card["measures"]["prompt_loose"]["value"]) == (0.0, 0.5)
    assert card["not_scored"] == {"no-output": 1}
    assert len(lines(tmp_path / "judgements.jsonl")) == 3


def test_an_exact_pack_needs_no_source(tmp_path):
    items = ExactBenchmark(size="starter").items
    write(tmp_path / "said.jsonl", [{"id": items[0].id, "response": "No."}, {"prompt": items[1].prompt}])
    done = quintain(tmp_path, "score", "said.jsonl", "--benchmark", "starter", "--to", "v.jsonl")
    assert done.returncode == 0, done.stderr
    first, second = lines(tmp_path / "v.jsonl")
    assert (first["id"], first["passed"], first["base_task"]) == (items[0].id, False, False)
    assert (second["key"], len(second["satisfied"])) == (f"{items[1].category}/{items[1].cluster}/2", 2)


@real
def test_followbench_is_scored_by_name_with_replies(tmp_path):
    said = [{"key": "style/1/1", "response": "x"}, {"key": "example/1/1"}]
    write(tmp_path / "said.jsonl", said)
    write(tmp_path / "replies.jsonl", [{"key": "style/1/1", "reply": "YES"}])
    done = quintain(
        tmp_path, "score", "said.jsonl", "--benchmark", "followbench", "--source", DATA / "followbench/en",
        "--rules", "corrected", "--replies", "replies.jsonl", "--to", "v.jsonl",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [(row["key"], row["passed"]) for row in lines(tmp_path / "v.jsonl")] == [
        ("style/1/1", True), ("example/1/1", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--benchmark", "ifbenhc"], "no package offers a benchmark 'ifbenhc'; did you mean 'ifbench'?"),
        (
            ["--benchmark", "ifbench"],
            "benchmark 'ifbench' is read from a file or folder of yours; name it with --source",
        ),
        (["--benchmark", "core", "--source", "x"], "--source: benchmark 'exact' reads nothing"),
        (
            ["--benchmark", "core", "--language", "zh"],
            "--language: benchmark 'core' has no language; it takes size, seed",
        ),
        ([], "name what to score against, with --benchmark or with --pack"),
        (["--pack", "x", "--language", "en"], "--pack needs --language and --rules"),
    ],
)
def test_what_is_wrong_with_the_command_is_one_clear_error(tmp_path, arguments, message):
    write(tmp_path / "said.jsonl", [])
    done = quintain(tmp_path, "score", "said.jsonl", *arguments, "--to", "v.jsonl")
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert not (tmp_path / "v.jsonl").exists()


def test_an_unknown_key_names_file_and_position_and_nothing_is_written(tmp_path):
    write(tmp_path / "prompts.jsonl", PROMPTS)
    write(tmp_path / "said.jsonl", [{"key": 1, "response": "x"}, {"key": 9, "response": "x"}])
    done = quintain(
        tmp_path, "score", "said.jsonl", "--benchmark", "ifbench", "--source", "prompts.jsonl", "--to", "v.jsonl"
    )
    assert done.returncode == 1
    assert "said.jsonl: output 2: no item of ifbench has key 9" in done.stderr
    assert not (tmp_path / "v.jsonl").exists()


def test_scoring_a_benchmark_loads_nothing_heavy():
    script = (
        "import sys, quintain.cli.score_benchmark, quintain.cli.json_lines, quintain.benchmarks.outputs\n"
        "from quintain.cli.named_benchmark import named_benchmark\n"
        "named_benchmark('starter', None, {})\n"
        "import quintain.benchmarks.scoring, quintain.benchmarks.ifbench.ifbench\n"
        f"assert not set({HEAVY}) & set(sys.modules), set({HEAVY}) & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
