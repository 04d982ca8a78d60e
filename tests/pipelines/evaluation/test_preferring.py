"""Judges prefer in both orders, after a trial on the reference's own responses."""

import json

import pytest

from quintain.benchmarks.judged.benchmark import JudgedBenchmark
from quintain.benchmarks.judging.calibration import Floor
from quintain.datasets import ModelRef
from quintain.errors import QualityError
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.roles import Roles
from quintain.pipelines.evaluation import preferring
from quintain.pipelines.evaluation.judges import ask_judges, calibrate_judges
from quintain.pipelines.evaluation.settings import JudgingParams
from tests.scripted_judge import Judge, told

STUDENT = ModelRef(path="data/06_models/webr", digest="d" * 64, size_bytes=1)


@pytest.fixture
def benchmark(tmp_path):
    entries = [{"instruction": f"Write about {word}."} for word in ("salt", "wool", "rope", "ink")]
    said = [each | {"response": each["instruction"].split()[-1].rstrip(".")} for each in entries]
    (tmp_path / "set.json").write_text(json.dumps(entries))
    (tmp_path / "reference.json").write_text(json.dumps(said))
    return JudgedBenchmark(filepath=str(tmp_path / "set.json"), reference=str(tmp_path / "reference.json"))


@pytest.fixture
def ask(benchmark, tmp_path, monkeypatch):
    """Judge responses of a student with a scripted judge."""

    def asked(judge, responses):
        ledger = Ledger(tmp_path / "ledger.sqlite")
        monkeypatch.setattr(
            preferring, "bind", lambda player, roles, stage: LedgeredModel(judge, ledger, player, stage)
        )
        roles = Roles(ledger=str(tmp_path / "l"), bindings={"judge": {"backend": "oracle", "world": "w.json"}})
        waiting = [benchmark.judge(item, text) for item, text in zip(benchmark.items, responses, strict=True)]
        trial = calibrate_judges(benchmark, waiting, JudgingParams(), {}, Floor(), roles)
        return ask_judges(benchmark, waiting, trial, STUDENT, JudgingParams(), {}, roles)

    return asked


def test_a_better_response_wins_an_equal_one_ties_and_a_worse_one_loses(ask):
    judged, judging = ask(Judge(), ["salt salt", "wool", "-", "ink ink"])
    assert [each.score for each in judged] == [1.0, 0.5, 0.0, 1.0]
    assert {each.by for each in judged} == {"judge:scripted:judge"}
    assert judging["judges"] == ["scripted:judge"]
    # four instructions, both orders
    assert judging["spent"]["scripted:judge"]["requests"] == 8
    assert judging["calibration"]["scripted:judge"]["categories"]["controls"]["correct"] == 4


def test_a_judge_that_fails_its_trial_judges_nothing(ask):
    judge = Judge(told(9, 1))
    with pytest.raises(QualityError, match="not fit to judge: it put the right response ahead in 0 of 4 controls"):
        ask(judge, ["salt"] * 4)
    assert len(judge.asked) == 8


def test_what_cannot_be_read_is_left_unscored(ask):
    judge = Judge()
    read = judge._review
    judge._text = lambda request: "I cannot say." if "!" in str(request.fields) else read(request)
    judged, _ = ask(judge, ["salt!", "wool wool", "rope rope", "ink ink"])
    assert [each.score for each in judged] == [None, 1.0, 1.0, 1.0]
    assert judged[0].unscored_because == "unread"
