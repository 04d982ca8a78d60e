"""Training items and edits become data: proved, each for one purpose, the same for the same seed."""

from collections import Counter

import pytest

from quintain.methods.lte.faults import find_faults
from quintain.packs.build import CATEGORIES
from quintain.packs.exercises.drawing import read_exercise
from quintain.pipelines.packs.nodes import ExerciseParams, PackEditParams, draw_exercises, draw_pack_edits

PARAMS = ExerciseParams(pack="starter", pairs=24, seeds=12, prompts=12, seed=3)


@pytest.fixture(scope="module")
def drawn():
    return draw_exercises(PARAMS)


def test_as_many_are_drawn_for_each_purpose_as_are_wanted_from_all_categories_alike(drawn):
    pairs, seeds, prompts = drawn
    assert Counter(pair.origin.knobs["category"] for pair in pairs) == dict.fromkeys(CATEGORIES, 24 // 6)
    assert Counter(seed.category for seed in seeds) == dict.fromkeys(CATEGORIES, 12 // 6)
    assert len(prompts) == 12


def test_no_instruction_serves_two_purposes(drawn):
    pairs, seeds, prompts = drawn
    asked = [
        *(pair.instruction for pair in pairs),
        *(seed.text for seed in seeds),
        *(one.instruction for one in prompts),
    ]
    assert len(set(asked)) == 24 + 12 + 12


def test_every_response_passes_the_checks_of_its_instruction(drawn):
    pairs, _, prompts = drawn
    for pair in (*pairs, *prompts):
        assert read_exercise(pair.instruction)[0].passes(pair.response)


def test_a_category_is_that_of_the_exercise(drawn):
    _, seeds, _ = drawn
    for seed in seeds:
        exercise, _ = read_exercise(seed.text)
        # a selection or notes are content, an object or a table format; texts say it by their rules
        assert (exercise.topic is None) is (seed.category in ("situation", "example")) or seed.category == "content"


def test_one_seed_draws_the_same_and_another_others(drawn):
    assert draw_exercises(PARAMS) == drawn
    others = draw_exercises(ExerciseParams(pack="starter", pairs=24, seeds=12, prompts=12, seed=4))
    assert {pair.instruction for pair in others[0]}.isdisjoint(pair.instruction for pair in drawn[0])


def test_edits_have_every_kind_of_probe_and_no_fault():
    cases = draw_pack_edits(PackEditParams(size=20, seed=5))
    assert len({case.subject for case in cases}) == len(cases) == 20
    assert {probe.aspect for case in cases for probe in case.probes} == {
        "rephrase", "subject-aliasing", "reasoning", "logical-generalization", "relation-specificity", "far",
    }  # fmt: skip
    assert find_faults(cases) == []


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        (ExerciseParams, {"pack": "easy", "pairs": 1, "seeds": 1, "prompts": 1}, "pack must be one of starter, core"),
        (ExerciseParams, {"pack": "core", "pairs": 0, "seeds": 1, "prompts": 1}, "pairs must be at least 1, got 0"),
        (PackEditParams, {"size": 0}, r"size must be in \[1, 50000\], got 0"),
        (PackEditParams, {"size": 60_000}, r"size must be in \[1, 50000\], got 60000"),
    ],
)
def test_a_size_out_of_range_is_refused(kind, settings, said):
    with pytest.raises(ValueError, match=said):
        kind(**settings)
