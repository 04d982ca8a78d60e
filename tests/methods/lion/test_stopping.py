"""When the loop ends, and when a referee is not believed."""

import pytest

from quintain.methods.lion import (
    LionParams,
    ask_referee,
    controls,
    decide,
    doubt,
    gap_improvement,
    label_gaps,
    read_reviews,
)
from quintain.methods.lion.stopping import Interval, mean_interval
from quintain.records import Completion, Gap

PARAMS = LionParams()


def gaps(hard, easy, unread=0):
    labels = ["hard"] * hard + ["easy"] * easy + ["unread"] * unread
    return [
        Gap(instruction_id=str(i), label=label, teacher_score=None if label == "unread" else 8, student_score=7)
        for i, label in enumerate(labels)
    ]


def gap(name, size):
    return Gap(instruction_id=name, label="easy", teacher_score=10, student_score=10 - size)


def improvement(low):
    return Interval(mean=0.5, low=low, high=1.0, n=100)


@pytest.mark.parametrize(
    ("found", "improved", "calls", "settings", "expected"),
    [
        (gaps(10, 90), None, 0, {}, ("went-on", "")),
        (gaps(10, 90), improvement(0.1), 0, {}, ("went-on", "")),
        (gaps(10, 90), improvement(0.0), 0, {}, ("stopped", "no-gain")),
        (gaps(1, 99), None, 0, {}, ("stopped", "nothing-hard")),
        (gaps(10, 90), None, 500, {"most_calls": 500}, ("stopped", "budget")),
        (gaps(10, 80, 10), None, 0, {}, ("failed", "unread")),
        (gaps(10, 85, 5), None, 0, {}, ("went-on", "")),
        (gaps(0, 90, 10), improvement(-1), 0, {"mode": "paper"}, ("went-on", "")),
        ([], None, 0, {}, ("stopped", "nothing-hard")),
    ],
)
def test_the_loop_says_which_rule_ended_it(found, improved, calls, settings, expected):
    status, reason, detail = decide(found, improved, calls, LionParams(**settings))
    assert (status, reason) == expected
    assert bool(detail) == bool(reason)


def test_the_improvement_is_taken_instruction_by_instruction():
    # falls 2, 1 and 0 on the probe set; d is not in it
    former = {name: gap(name, size) for name, size in zip("abcd", (4, 3, 2, 9), strict=True)}
    now = {name: gap(name, size) for name, size in zip("abcd", (2, 2, 2, 0), strict=True)}
    found = gap_improvement(now, former, {"a", "b", "c"}, seed=0)
    assert (found.mean, found.n) == (1, 3)
    assert (found.low, found.high) == (0, 2)
    assert gap_improvement(now, {}, {"a"}, seed=0) is None


def test_the_interval_of_a_constant_is_a_point():
    assert mean_interval([0.5] * 10, seed=0) == Interval(mean=0.5, low=0.5, high=0.5, n=10)


def tried(make, write, **settings):
    """What a referee that writes `write(request)` makes of the controls."""
    params = LionParams(controls=6, **settings)
    pool, teacher, _ = make(12)
    asked = controls(pool, teacher, params)
    completions = [
        Completion(request_id=one.id, text=write(one.fields), finish_reason="stop")
        for one in ask_referee(asked, params)
    ]
    reviews = read_reviews(asked, completions, params)
    found = label_gaps(reviews, {one.instruction.id: one.student for one in asked}, params)
    return len(found), *doubt(reviews, found, params)


def fair(fields):
    number = fields["instruction"].split()[-1]
    return "\n".join(f"Assistant {i}: {9 if fields[name].split()[-1] == number else 2}"
                     for i, name in enumerate(("first", "second"), start=1))  # fmt: skip


def test_a_fair_referee_passes_its_trial(make):
    assert tried(make, fair) == (6, "", "")


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (lambda _: "I like both.", r"none of its 12 reviews can be read \(for example 'I like both\.'\)"),
        (lambda _: "Assistant 1: 9\nAssistant 2: 2", "favours the same place"),
        (lambda _: "Assistant 1: 7\nAssistant 2: 7", "the score 7 to every response"),
    ],
)
def test_a_referee_that_cannot_tell_is_refused_with_the_reason(make, write, why):
    count, reason, detail = tried(make, write)
    assert (count, reason) == (6, "referee-unfit")
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(detail)
    assert "in 0 of 6 controls, 70% are asked for" in detail


def test_the_paper_tries_nobody_and_a_pool_of_one_has_no_controls(make):
    pool, teacher, _ = make(12)
    assert controls(pool, teacher, LionParams(mode="paper")) == []
    assert controls(pool[:1], teacher, PARAMS) == []
