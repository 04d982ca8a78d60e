"""A referee is tried before it is believed, and what it finds hard becomes preference data."""

from pathlib import Path

import pytest

from quintain.errors import ModelError
from tests.pipelines.distillation.loop import configure, run


def test_what_is_hard_becomes_preference_data(catalog):
    run(catalog)
    pairs = catalog.load("lion_round_1.preference_pairs")
    gaps = {gap.id: gap for gap in catalog.load("lion_round_1.gaps")}
    assert pairs
    assert all(gaps[pair.origin.parents[0]].label == "hard" and pair.chosen != pair.rejected for pair in pairs)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("I like both.", "none of its 8 reviews can be read"),
        ("Assistant 1: 9\nAssistant 2: 2", "it favours the same place"),
        ("Assistant 1: 7\nAssistant 2: 7", "it gave the score 7 to every response"),
    ],
)
def test_a_referee_that_cannot_tell_fails_the_round_and_its_student_goes_nowhere(catalog, played, text, why):
    played(referee=lambda _: text)
    with pytest.raises(ModelError, match=rf"round 1 has failed, its student goes nowhere: .*{why}"):
        run(catalog)
    report = catalog.load("lion_round_1.round_report")
    assert (report["outcome"]["status"], report["outcome"]["reason"]) == ("failed", "referee-unfit")
    assert report["spent"]["referee"]["calls"] == 8  # the controls, and nothing after them
    # registration asks for it
    assert not Path("data/08_reporting/lion_round_1/training.json").exists()


def test_a_referee_that_turns_unreadable_fails_the_round(catalog, played):
    def write(request):
        # readable on the controls, whose two responses are both the teacher's
        known = {response.text for response in catalog.load("lion_round_1.teacher_responses")}
        fields = request.fields
        return (
            "\n".join(
                f"Assistant {i}: {9 if fields[name].split()[0] in fields['instruction'] else 2}"
                for i, name in enumerate(("first", "second"), start=1)
            )
            if {fields["first"], fields["second"]} <= known
            else "No idea."
        )

    played(referee=write)
    configure(catalog, min_control_accuracy=0.0)
    with pytest.raises(ModelError, match=r"16 of 16 instructions have no readable review, the limit is 5%"):
        run(catalog)
