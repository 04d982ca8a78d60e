"""A judged comparison says who is preferred, what length adds, and what it rests on."""

from quintain.benchmarks.judged.preferences import Preference, Trial
from quintain.benchmarks.judged.win_rate import win_rate
from quintain.reporting.judged import judged_report, sentence
from quintain.statistics.resampling import Resampling

SPENT = {"calls": 1234, "prompt_tokens": 50_000, "completion_tokens": 9_000, "money": None}


def found(*wins):
    outcomes = [
        Preference(instruction_id=str(n), category="", cluster=str(n), value=won, conflict=n == 0, longer_chars=n)
        for n, won in enumerate(wins)
    ]
    return win_rate(outcomes, Resampling(replicates=300))


def test_the_sentence_names_the_preferred_one_or_nobody():
    assert sentence("bmc", "webr", found(*[1.0] * 36, *[0.0] * 4)).startswith("bmc is preferred to webr: it wins ")
    assert sentence("bmc", "webr", found(*[0.0] * 36, *[1.0] * 4)).startswith("webr is preferred to bmc, which wins ")
    assert sentence("bmc", "webr", found(*[1.0, 0.0] * 20)).startswith("No preference between bmc and webr")


def test_the_report_shows_coefficients_the_trial_and_the_cost():
    trial = Trial(controls=10, correct=9, conflicts=1, unread=0)
    report = judged_report("bmc", "webr", "openai:j", found(*[1.0, 0.0] * 20), trial, SPENT | {"money": 0.5})
    for said in (
        "win rate at equal length",
        "log-odds for being longer",
        "40 instructions in 40 clusters",
        "changed its mind with the order on 1 instructions",
        "9 of 10 controls",
        "1,234 calls, 50,000 tokens read, 9,000 written, 0.50 in its price's currency.",
    ):
        assert said in report
    assert "currency" not in judged_report("a", "b", "j", found(1.0, 0.0), trial, SPENT)
