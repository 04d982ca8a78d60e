"""`quintain score-ifeval` in a folder that is no project."""

import json
import subprocess
import sys

import pytest

from tests.console import quintain

HEAVY = ["torch", "mlflow", "kedro", "pandas", "great_expectations", "transformers"]
PROMPTS = [
    {"key": 1000, "prompt": "No commas.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]},
    {
        "key": 1001,
        "prompt": "Quoted, two words or more.",
        "instruction_id_list": ["startend:quotation", "length_constraints:number_words"],
        "kwargs": [{"num_words": None}, {"num_words": 2, "relation": "at least"}],
    },
    {"key": 1002, "prompt": "JSON.", "instruction_id_list": ["detectable_format:json_format"], "kwargs": [{}]},
]
OUTPUTS = [
    {"key": 1000, "response": "<think>One, two?</think>One"},
    {"key": 1001, "response": 'Of course:\n"one two"'},
]


@pytest.fixture
def score(tmp_path):
    def run(outputs, prompts=PROMPTS):
        for name, rows in (("outputs", outputs), ("prompts", prompts)):
            (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        arguments = [
            "outputs.jsonl",
            "--prompts",
            "prompts.jsonl",
            "--to",
            "verdicts.jsonl",
            "--scorecard",
            "card.json",
        ]
        return quintain(tmp_path, "score-ifeval", *arguments)

    return run


def test_outputs_get_verdicts_and_accuracies(score, tmp_path):
    done = score(OUTPUTS)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()] == [
        {"key": 1000, "instruction_id_list": ["punctuation:no_comma"], "strict": [True], "loose": [True]},
        {
            "key": 1001,
            "instruction_id_list": ["startend:quotation", "length_constraints:number_words"],
            "strict": [False, True],
            "loose": [True, True],
        },
    ]
    card = json.loads((tmp_path / "card.json").read_text())
    # strictly 1 of 2 prompts and 2 of 3 instructions; loosely everything; one prompt has no response
    assert (card["prompt_level"]["strict"], card["prompt_level"]["loose"]) == (0.5, 1.0)
    assert card["instruction_level"]["strict"] == pytest.approx(2 / 3)
    assert (card["n_prompts"], card["n_not_judged"], card["n_empty"]) == (3, 1, 0)
    assert "3 prompts, 1 without a response, 0 with an empty one" in done.stdout
    assert "prompt level       strict 50.0% [" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "card.json", "outputs.jsonl", "prompts.jsonl", "verdicts.jsonl",
    ]  # fmt: skip


def test_the_published_response_format_is_matched_by_prompt(score, tmp_path):
    by_prompt = [{"prompt": PROMPTS[0]["prompt"] + " \n", "response": "One"}, {"key": "1002", "response": "<think>hm"}]
    done = score(by_prompt)
    assert done.returncode == 0, done.stderr
    verdicts = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert [(verdict["key"], verdict["strict"]) for verdict in verdicts] == [(1000, [True]), (1002, [False])]
    assert "1 with an empty one" in done.stdout  # a trace that never ends leaves nothing


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ([{"key": 5, "response": ""}], "outputs.jsonl: output 1: no prompt of the file has key 5"),
        ([{"prompt": "json.", "response": ""}], "output 1: no prompt of the file has prompt 'json.'; give `key`"),
        ([{"response": "x"}], "output 1: no prompt of the file has prompt ''"),
        ([OUTPUTS[0], OUTPUTS[1], OUTPUTS[0]], "output 3 responds to the prompt of output 1 again (key 1000)"),
        ([{"key": 1000, "response": 3}], "outputs.jsonl, line 1: Expected `str | null`, got `int` - at `$.response`"),
    ],
)
def test_an_output_that_fits_no_prompt_is_named_and_nothing_is_written(score, tmp_path, outputs, message):
    done = score(outputs)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "verdicts.jsonl").exists()


def test_a_null_or_missing_response_is_an_empty_one_and_counted(score, tmp_path):
    done = score([{"key": 1000, "response": None}, {"key": 1002}])
    assert done.returncode == 0, done.stderr
    assert "1 without a response, 2 with an empty one" in done.stdout
    verdicts = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert [(verdict["strict"], verdict["loose"]) for verdict in verdicts] == [([False], [False])] * 2


def test_a_prompt_that_stands_twice_in_the_file_is_told_apart_by_its_key(score):
    twice = [PROMPTS[0], {**PROMPTS[0], "key": "b"}]
    assert score([{"key": "b", "response": "x"}], twice).returncode == 0
    done = score([{"prompt": PROMPTS[0]["prompt"], "response": "x"}], twice)
    assert "output 1: 2 prompts of the file have prompt 'No commas.'; give `key`" in done.stderr


def test_a_bad_prompt_is_named(score):
    done = score(OUTPUTS, [{**PROMPTS[0], "kwargs": []}])
    assert done.returncode == 1
    assert "prompts.jsonl, line 1: key 1000: 1 ids in instruction_id_list and 0 entries in kwargs" in done.stderr


def test_no_output_gives_no_number(score, tmp_path):
    done = score([])
    assert done.returncode == 0, done.stderr
    assert "prompt level       nothing was judged" in done.stdout
    assert json.loads((tmp_path / "card.json").read_text())["prompt_level"]["strict"] is None


def test_scoring_loads_nothing_heavy():
    script = (
        "import sys, quintain.cli.score_ifeval, quintain.cli.json_lines\n"
        "import quintain.benchmarks.verifiable.verdicts, quintain.benchmarks.ifeval.outputs\n"
        f"assert not set({HEAVY}) & set(sys.modules), set({HEAVY}) & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
