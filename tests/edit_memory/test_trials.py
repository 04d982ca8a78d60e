"""What is asked of which state of a memory, and who answers."""

from collections import Counter

import pytest

from quintain.edit_memory import EditMemory
from quintain.edit_memory.trials import Examiner, ask_aligned, ask_original, judge_trials, rank_of, token_ratios
from quintain.methods.lte import HashedNgrams
from quintain.methods.lte.edits import edit_of
from tests.methods.lte.cases import case, fresh_in, probe


class Model:
    """Follows the first edit in its prompt; without one it says what it always says."""

    def __init__(self, says="nobody"):
        self.asked = []
        self._says = says

    def __call__(self, requests):
        self.asked += requests
        return [
            request.fields["facts"][0].split(" is ")[1] if "facts" in request.fields else self._says
            for request in requests
        ]


def tried(trials, aligned, original, ratios=None):
    former = ask_original(trials, original)
    return judge_trials(trials, ask_aligned(trials, aligned), former, ratios or {})


@pytest.fixture
def examiner(tmp_path):
    return Examiner([case(number) for number in range(4)], fresh_in(tmp_path))


def test_single_asks_each_edit_alone_and_leaves_no_trace_of_the_one_before(examiner):
    trials = list(examiner.single())
    assert [trial.case.id for trial in trials] == [f"case-{n}" for n in range(4) for _ in range(5)]
    assert {trial.memory_size for trial in trials} == {1}
    # rewrite, rephrase and reasoning pass; the river and the far person do not
    assert [trial.passed for trial in trials] == [1, 1, 1, 0, 0] * 4
    assert [trial.rank for trial in trials[:3]] == [1, 1, 1]


def test_batch_asks_all_when_all_are_there_and_sequential_asks_again_at_checkpoints(examiner):
    batch = list(examiner.batch(3))
    assert Counter(trial.case.id for trial in batch) == {"case-0": 5, "case-1": 5, "case-2": 5}
    assert {trial.memory_size for trial in batch} == {3}
    assert {trial.case.id: trial.age for trial in batch} == {"case-0": 2, "case-1": 1, "case-2": 0}
    ages = [(t.memory_size, t.age) for t in examiner.sequential([2, 4]) if t.probe < 0]
    assert ages == [(1, 0), (2, 1), (2, 0), (3, 0), (4, 3), (4, 2), (4, 1), (4, 0)]


def test_a_memory_that_stands_is_asked_for_the_cases_it_holds(examiner, tmp_path):
    with EditMemory.open(tmp_path / "served", HashedNgrams()) as memory:
        memory.add([edit_of(case(number)) for number in (5, 1, 6)])
        trials = list(examiner.standing(memory))
    assert {trial.case.id for trial in trials} == {"case-1"}
    assert {(trial.memory_size, trial.age) for trial in trials} == {(3, 1)}


def test_without_the_gate_whatever_is_found_goes_to_the_model(examiner):
    gated, ungated = list(examiner.batch(4)), list(examiner.batch(4, gated=False))
    assert {trial.passed for trial in ungated} == {3}
    assert [trial.rank for trial in gated] == [trial.rank for trial in ungated]
    assert not any(trial.admitted for trial in gated if not trial.asked.in_scope)


def test_an_overridden_edit_and_a_probe_that_asks_another_edit_are_not_asked(tmp_path):
    older, newer = case(0), case(0, id="newer", target_new="Zed Young")
    asking = case(1, probes=(probe("relation-specificity", "the mayor of VELDMARK is", "Bo"),))
    trials = list(Examiner([older, newer, asking], fresh_in(tmp_path)).batch(3))
    assert {trial.case.id for trial in trials} == {"newer", "case-1"}
    assert [trial.asked.aspect for trial in trials if trial.case.id == "case-1"] == ["rewrite"]
    # alone in the memory it is an ordinary probe
    (alone,) = [t for t in Examiner([asking], fresh_in(tmp_path / "alone")).single() if not t.asked.in_scope]
    assert alone.passed == 0


def test_a_question_that_passes_no_gate_gets_the_very_response_of_the_original_model(examiner):
    aligned, original = Model("the aligned"), Model("the original")
    trials = [*examiner.single(), *examiner.batch(4), *examiner.batch(4, gated=False)]
    results = tried(trials, aligned, original)
    untouched = [one for one in results if not one.passed]
    assert {one.response for one in untouched} == {"the original"}
    assert all(one.unchanged for one in untouched)
    assert all("facts" not in request.fields for request in original.asked)
    # drift of the aligned model is not hidden by the gate
    assert {one.unchanged_aligned for one in untouched} == {False}
    assert not any(one.unchanged for one in results if one.passed and one.aspect == "far")


def test_no_request_goes_to_a_model_twice_whatever_the_number_of_states(examiner):
    aligned, original = Model(), Model()
    trials = [*examiner.single(), *examiner.batch(2), *examiner.batch(4), *examiner.sequential([2, 4])]
    results = tried(trials, aligned, original)
    assert len(results) == len(trials) == 20 + 10 + 20 + (5 + 10 + 5 + 20)
    assert len({request.id for request in original.asked}) == len(original.asked) == 4 * 5
    assert len({request.id for request in aligned.asked}) == len(aligned.asked)


def test_results_say_what_was_right_named_and_unchanged(tmp_path):
    one = case(0, target_new="Ada Brook", ground_truth=("nobody",))
    results = tried(list(Examiner([one], fresh_in(tmp_path)).single()), Model(), Model())
    rewrite, rephrase, reasoning, river, far = results
    assert (rewrite.response, rewrite.correct, rewrite.unchanged, rewrite.former) == (
        "Ada Brook",
        True,
        False,
        "nobody",
    )
    assert rephrase.correct
    assert (reasoning.correct, reasoning.named, reasoning.admitted) == (False, False, True)
    assert (river.response, river.correct, river.unchanged, river.rank) == ("nobody", False, True, 1)
    assert far.passed == 0


def test_token_ratios_are_measured_where_the_authors_measure_them(examiner):
    def predict(requests, targets):
        # under an edit the first of two tokens is right, alone none is
        return [([1, 0] if "facts" in request.fields else [0, 0], [1, 2]) for request in requests]

    trials = [*examiner.single(), *examiner.single(gated=False)]
    results = tried(trials, Model(), Model(), token_ratios(trials, predict))
    assert {one.token_ratio for one in results if one.gated} == {None}
    assert [one.id for one in results] == [one.id for one in tried(trials, Model(), Model())]
    # in scope [1, 0] against the target [1, 2]; out of scope [1, 0] against [0, 0] without the edit: one of two each
    assert {one.token_ratio for one in results if not one.gated} == {0.5}


def test_an_edit_that_says_the_same_of_the_same_subject_counts_as_the_probed_one(tmp_path):
    twin = case(0, id="twin", prompt="Veldmark is ruled by", relation="ruler")
    with EditMemory.open(tmp_path / "twins", HashedNgrams()) as memory:
        first, second = memory.add([edit_of(case(0)), edit_of(twin)])
        hits = memory.search("The mayor of Veldmark is")
    assert rank_of(first, edit_of(case(0)), hits) == rank_of(second, edit_of(twin), hits) == 1
    assert rank_of("", edit_of(case(1)), hits) == 0
