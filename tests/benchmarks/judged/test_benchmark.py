"""An open-ended set with a reference is a benchmark: items, judges' outcomes, a win rate with intervals."""

import dataclasses
import json

import pytest

from quintain.benchmarks.judged.benchmark import JudgedBenchmark
from quintain.benchmarks.judged.instruction_set import read_responses
from quintain.benchmarks.scoring import make_scorecard
from quintain.errors import RecordError
from quintain.records import by_judges
from quintain.registry.evidence import complaint_of
from quintain.statistics.resampling import Resampling

FAST = Resampling(replicates=200)
SET = [{"instruction": f"Write about salt {n}."} for n in range(20)]


def lay_out(folder, entries=SET, response="Salt is white."):
    (folder / "set.json").write_text(json.dumps(entries))
    (folder / "reference.json").write_text(json.dumps([each | {"output": response} for each in entries]))
    return {"filepath": str(folder / "set.json"), "reference": str(folder / "reference.json")}


def judged(benchmark, wins):
    """Judgements in which the first so many items are won, by longer responses."""
    return [
        dataclasses.replace(
            benchmark.judge(item, "Salt is white and old." if n < wins else "Salt"),
            id="", satisfied=(), score=float(n < wins), by=by_judges("j"),
        )
        for n, item in enumerate(benchmark.items)
    ]  # fmt: skip


def test_a_response_waits_for_judges(tmp_path):
    benchmark = JudgedBenchmark(**lay_out(tmp_path))
    assert benchmark.judge(benchmark.items[0], "Salt.").needs_judge
    assert len(benchmark.items) == len(benchmark.references()) == 20


def test_the_scorecard_has_the_win_rate_as_judged_and_at_equal_length(tmp_path):
    benchmark = JudgedBenchmark(**lay_out(tmp_path))
    judgements = judged(benchmark, wins=15)
    card = make_scorecard(benchmark, judgements, model="m", resampling=FAST)
    assert (card.headline, card.judge) == ("win_rate", "j")
    assert card.measures["win_rate"].value == 0.75
    # The longer response always wins here, so length explains much of it.
    assert card.measures["win_rate_at_equal_length"].value < 0.75
    assert complaint_of(card, judgements) == ""


def test_what_no_judge_could_be_read_on_is_in_no_rate(tmp_path):
    benchmark = JudgedBenchmark(**lay_out(tmp_path))
    judgements = judged(benchmark, wins=20)
    judgements[0] = benchmark.unscored(benchmark.items[0], "Salt", "unread")
    card = make_scorecard(benchmark, judgements, model="m", resampling=FAST)
    assert (card.n_scored, card.not_scored, card.measures["win_rate"].value) == (19, {"unread": 1}, 1.0)
    nobody = [benchmark.unscored(item, "Salt", "no-judge") for item in benchmark.items]
    assert make_scorecard(benchmark, nobody, model="m", resampling=FAST).measures["win_rate"].value is None


def test_another_reference_is_another_benchmark(tmp_path):
    first = JudgedBenchmark(**lay_out(tmp_path)).digest
    assert JudgedBenchmark(**lay_out(tmp_path, response="Salt.")).digest != first


def test_a_reference_without_a_response_is_named(tmp_path):
    settings = lay_out(tmp_path)
    (tmp_path / "reference.json").write_text(json.dumps([SET[0] | {"response": "Salt."}]))
    with pytest.raises(RecordError, match=r"has no response to 19 of the 20 instructions of .*'Write about salt 1"):
        JudgedBenchmark(**settings).items  # noqa: B018 - reads them
    (tmp_path / "reference.json").write_text(json.dumps(SET))
    with pytest.raises(RecordError, match="entry 1 has no response: a text under response or output"):
        JudgedBenchmark(**settings).items  # noqa: B018 - the same


def test_instances_bring_their_own_responses(tmp_path):
    entry = {"instruction": "Shorten.", "instances": [{"input": "A b", "output": "A"}, {"input": "C d", "output": "C"}]}
    (tmp_path / "set.jsonl").write_text(json.dumps(entry))
    assert read_responses(tmp_path / "set.jsonl") == {"Shorten.\n\nA b": "A", "Shorten.\n\nC d": "C"}
