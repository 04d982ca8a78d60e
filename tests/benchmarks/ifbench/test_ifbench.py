"""IFBench behind the seam, on the released file where it lies beside this checkout."""

import json
from pathlib import Path

import pytest

from quintain.benchmarks.ifbench.ifbench import IFBench
from quintain.benchmarks.registry import make_benchmark
from quintain.benchmarks.scoring import make_scorecard
from quintain.errors import RecordError
from tests.benchmarks.verifiable.ifbench_cases import CASES

DATA = Path(__file__).parents[4] / "shared/data/ifbench"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the released file is not beside this checkout")


@real
def test_the_released_file_asks_300_prompts_of_58_kinds():
    ifbench = make_benchmark("ifbench", settings={"source": str(DATA)})
    asked = [each for item in ifbench.items for each in item.instructions]
    assert (len(ifbench.items), len(asked)) == (300, 344)
    assert {each.kind for each in asked} == set(CASES)
    assert ifbench.digest == IFBench(source=str(DATA / "IFBench_test.jsonl")).digest


@real
def test_a_scorecard_of_echoes_has_accuracies_by_family_and_kind():
    ifbench = IFBench(source=str(DATA))
    judgements = [ifbench.judge(item, ifbench.read(item.prompt)) for item in ifbench.items]
    card = make_scorecard(ifbench, judgements, model="echo")
    assert card.headline == "prompt_strict"
    assert card.benchmark.rules == "quintain-ifbench-1"
    assert 0 < card.measures["prompt_strict"].value <= card.measures["prompt_loose"].value < 0.2
    assert {"count", "words:vowel"} <= set(card.categories)


def test_a_file_of_ones_own_may_mix_kinds_of_both(tmp_path):
    row = {
        "key": "mine",
        "prompt": "No commas, two numbers.",
        "instruction_id_list": ["punctuation:no_comma", "count:numbers"],
        "kwargs": [{}, {"N": 2.0, "relation": None}],
    }
    (tmp_path / "mine.jsonl").write_text(json.dumps(row) + "\n")
    ifbench = IFBench(source=str(tmp_path / "mine.jsonl"))
    judgement = ifbench.judge(ifbench.items[0], "Sure, here:\n1 and 2")
    assert (judgement.satisfied, judgement.loose) == ((False, True), (True, True))


def test_a_folder_without_the_released_file_is_one_clear_error(tmp_path):
    with pytest.raises(RecordError, match=r"IFBench_test\.jsonl cannot be read: No such file.*of allenai/IFBench"):
        IFBench(source=str(tmp_path)).load_items()
