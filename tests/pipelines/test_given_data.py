"""Data of the user's own is screened before anybody is trained on it."""

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.decontamination import Decontamination
from quintain.errors import RecordError
from quintain.lifecycle import GIVEN, Lifecycle, Student
from quintain.pipelines import finetuning, preference
from quintain.pipelines.given_data import GivenParams, screen_given
from quintain.pipelines.preference.losers import LoserParams, take_given
from quintain.records import InstructionPair, PreferencePair

ITEM = "Name the four largest rivers of the county of Ystad in the order of their length"
LONG = "Explain to a new colleague how the ferry between the two islands is booked for a whole family"


class Rivers(Benchmark):
    """One question."""

    name = "rivers"

    def load_items(self):
        return [Item(prompt=ITEM, target="")]

    def judge(self, item, response):
        return self.unscored(item, response, "never")


def pair(instruction, response="Yes."):
    return InstructionPair(instruction=instruction, response=response, kind="given")


def test_what_holds_an_item_and_what_is_a_copy_is_left_out():
    rows = [pair(LONG), pair(f"{LONG}!"), pair(f"Please: {ITEM}."), pair("Who are you?")]
    kept, dropped = screen_given(rows, GivenParams(), Decontamination(ngram_words=8), [Rivers()])
    assert kept == [rows[0], rows[3]]
    assert [one.reason for one in dropped] == ["near-duplicate", "held-out"]


def test_copies_stay_where_somebody_says_so():
    rows = [pair(LONG), pair(f"{LONG}!")]
    kept, dropped = screen_given(rows, GivenParams(near_duplicates=None), Decontamination(), [Rivers()])
    assert (kept, dropped) == (rows, [])


def test_where_nothing_is_left_the_training_does_not_begin():
    with pytest.raises(RecordError, match=r"none of 1 rows of your own is left to learn from \(1 held-out\)"):
        screen_given([pair(ITEM)], GivenParams(), Decontamination(ngram_words=8), [Rivers()])


def test_preference_pairs_of_the_users_own_are_screened_too():
    rows = [PreferencePair(prompt=ITEM, chosen="a", rejected="b"), PreferencePair(prompt="p", chosen="a", rejected="b")]
    kept, (dropped,) = take_given(rows, LoserParams(prompts=9), GivenParams(), Decontamination(ngram_words=8), Rivers())
    assert (kept, dropped.reason) == ([rows[1]], "held-out")


@pytest.mark.parametrize(("by", "pipeline"), [("finetuning", finetuning), ("preference", preference)])
def test_trainings_on_data_of_ones_own_read_the_items_of_all_benchmarks(by, pipeline):
    start = Student(name="base", start="student", benchmarks=("core",))
    own = Student(name="mine", parent="base", by=by, on=GIVEN[by], benchmarks=("core", "own"))
    made = pipeline.create_pipeline(Lifecycle(students=(start, own), benchmarks=("core",)))
    assert {"core.items@benchmark", "own.items@benchmark", "params:given", "params:decontamination"} <= made.inputs()
    (first,) = (node for node in made.nodes if GIVEN[by] in node.inputs)
    assert first.inputs[0] == GIVEN[by]


def test_prompts_of_ones_own_are_screened_before_the_start_responds_to_them():
    start = Student(name="base", start="student", benchmarks=("core",))
    own = Student(name="mine", parent="base", by="preference", on="given_pairs", benchmarks=("core",))
    made = preference.create_pipeline(Lifecycle(students=(start, own), benchmarks=("core",)))
    (screened,) = (node for node in made.nodes if "given_pairs" in node.inputs)
    assert screened.outputs == ["mine.screened_pairs", "mine.dropped_given"]
    assert "core.items@benchmark" in screened.inputs


def test_data_that_a_pipeline_has_made_is_not_screened_again():
    start = Student(name="base", start="student")
    made = Student(name="mine", parent="base", by="finetuning", on="instruction_pairs", benchmarks=("core",))
    pipeline = finetuning.create_pipeline(Lifecycle(students=(start, made), benchmarks=("core",)))
    assert "params:given" not in pipeline.inputs()
