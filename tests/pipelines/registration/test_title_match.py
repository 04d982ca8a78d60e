"""Responses to open-ended sets meet the champion's; where nobody holds the title, the reference stands and says why."""

import dataclasses
import json
import logging

import pytest

from quintain.benchmarks.judged.benchmark import JudgedBenchmark
from quintain.benchmarks.scorecard import Estimate
from quintain.benchmarks.scoring import make_scorecard
from quintain.datasets import ModelRef
from quintain.lifecycle import Lifecycle, Student
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.roles import Roles
from quintain.pipelines.registration import create_pipeline, title_match
from quintain.pipelines.registration.title_match import meet_champion
from quintain.registry.description import _matches
from quintain.registry.gate import Contender
from quintain.registry.measured import Measured
from quintain.registry.promotion import TitleHolder
from tests.scripted_judge import Judge

WORDS = ("salt", "wool", "rope", "ink")
POLICY = {"benchmarks": {"default": {"margin": 0.05}}, "most_unread": 0.01, "replicates": 50}
MODEL = ModelRef(path="data/06_models/webr", digest="d" * 64, size_bytes=1)


@pytest.fixture
def benchmark(tmp_path):
    entries = [{"instruction": f"Write about {word}."} for word in WORDS]
    (tmp_path / "set.json").write_text(json.dumps(entries))
    (tmp_path / "reference.json").write_text(json.dumps([each | {"response": "-"} for each in entries]))
    made = JudgedBenchmark(filepath=str(tmp_path / "set.json"), reference=str(tmp_path / "reference.json"))
    made.name = "open"
    return made


def measured(benchmark, responses, digest):
    said = zip(benchmark.items, responses, strict=True)
    judgements = [
        dataclasses.replace(benchmark.judge(item, text), id="", satisfied=(), score=1.0, by="judge:j")
        for item, text in said
    ]
    return Measured(make_scorecard(benchmark, judgements, model="webr", model_digest=digest), judgements)


def champion(benchmark, responses, digest="c" * 64, names=("open",)):
    theirs = measured(benchmark, responses, digest)
    return TitleHolder("3", Contender("base", digest, dict.fromkeys(names, theirs)))


@pytest.fixture
def meet(benchmark, tmp_path, monkeypatch):
    """Let `webr`, which says every word twice, meet somebody."""
    judge, bindings = Judge(), {"judge": {"backend": "oracle", "world": "w.json"}}
    ledger = Ledger(tmp_path / "ledger.sqlite")
    monkeypatch.setattr(title_match, "bind", lambda player, roles, stage: LedgeredModel(judge, ledger, player, stage))

    def met(holder, bindings=bindings):
        ours = measured(benchmark, [f"{word} {word}" for word in WORDS], MODEL.digest)
        evidence = {"open.items": benchmark, "open.scorecard": ours.scorecard, "open.judgements": ours.judgements}
        roles = Roles(ledger=str(tmp_path / "l"), bindings=bindings)
        return meet_champion(holder, MODEL, roles, POLICY, **evidence)["open"], judge

    return met


def test_the_champion_is_met_in_both_orders_and_named_with_its_version(meet, benchmark, caplog):
    with caplog.at_level(logging.INFO):
        found, judge = meet(champion(benchmark, ["salt", "wool wool", "-", "-"]))
    assert (found["against"], found["version"], found["student"], found["weights"]) == (
        "champion",
        "3",
        "base",
        "c" * 64,
    )
    told = found["by_judge"]["scripted:judge"]
    # three wins and a tie
    assert told["win_rate"]["as_judged"]["value"] == (3 + 0.5) / 4
    # Both orders of four; two equal responses are one question.
    assert (told["requests"], len(judge.asked)) == (8, 7)
    forecast, outcome = caplog.messages[:2]
    assert "8 questions to judge" in forecast
    assert "wins" in outcome
    assert "open: against version 3, base, the champion then, wins " in _matches({"open": found})


@pytest.mark.parametrize(
    ("holder", "bindings", "why"),
    [
        (lambda _: None, None, "nobody holds the title"),
        (lambda each: champion(each, ["-"] * 4, MODEL.digest), None, "version 3, has the same weights"),
        (lambda each: champion(each, ["-"] * 4, names=()), None, "version 3, was not measured on it"),
        (lambda each: champion(each, ["-"] * 4), {}, "no model is bound to the role judge"),
    ],
)
def test_without_a_match_the_reference_stands_with_the_reason_and_nobody_is_asked(
    meet, benchmark, holder, bindings, why
):
    found, judge = meet(holder(benchmark), *([] if bindings is None else [bindings]))
    assert (found["against"], found["reference"]) == ("reference", benchmark.digest)
    assert why in found["reason"]
    assert judge.asked == []
    assert f"against its reference alone, `{benchmark.digest}`" in _matches({"open": found})


def test_a_champion_that_was_held_against_another_reference_is_not_met(meet, benchmark):
    holder = champion(benchmark, ["-"] * 4)
    theirs = holder.contender.measured["open"]
    other = dataclasses.replace(theirs.scorecard.benchmark, digest="0" * 16)
    measures = {"win_rate": Estimate(value=0.5, n=4)}
    card = dataclasses.replace(theirs.scorecard, benchmark=other, measures=measures)
    contender = dataclasses.replace(holder.contender, measured={"open": Measured(card, theirs.judgements)})
    found, _ = meet(TitleHolder("3", contender))
    assert "other instructions or another reference (0000000000000000)" in found["reason"]


def test_only_students_with_a_judged_benchmark_meet_the_champion_after_the_gate_before_them():
    students = (
        Student(name="base", start="world", benchmarks=("p", "open")),
        Student(name="webr", parent="base", by="finetuning", benchmarks=("p", "open")),
        Student(name="lion", parent="webr", by="finetuning", benchmarks=("p",)),
    )
    whole = create_pipeline(Lifecycle(students=students, benchmarks=("p", "open"), judged=("open",)))
    found = {each.name: each for each in whole.nodes}
    inputs = set(found["register_webr.meet_champion"].inputs)
    assert inputs == {
        "title_holder", "webr.model@ref", "params:roles", "promotion_policy", "base.gate", "webr.open.scorecard",
        "webr.open.judgements", "open.items@benchmark",
    }  # fmt: skip
    assert "webr.title_match" in found["register_webr.register_student"].inputs
    assert "base.gate" not in found["register_base.meet_champion"].inputs
    assert "register_lion.meet_champion" not in found
