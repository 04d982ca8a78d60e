"""Decontamination finds what it must, and the almanac's templates do not look like leaks."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.almanac.pack import build_pack
from quintain.almanac.world import WorldParams, make_world
from quintain.text.contamination import Leak, find_leaks

FOLLOWBENCH = Path(__file__).parents[3] / "shared/data/followbench/en"
ITEM = "Write a letter to the mayor of Ystad and thank her for the new bridge over the old harbour."  # 19 words


def test_one_run_of_words_is_enough_in_free_text():
    row = "Please thank her for the new bridge over the old harbour today."
    # 10 words in common; the item has 19 - 8 + 1 = 12 runs of 8, the row holds 10 - 8 + 1 = 3 of them
    assert find_leaks([[row]], {"a": ITEM}, ngram_words=8) == [Leak("a", 3 / 12)]
    assert find_leaks([[row]], {"a": ITEM}, ngram_words=11) == [None]


def test_a_share_asks_for_most_of_an_item():
    row = "Please thank her for the new bridge over the old harbour today."
    assert find_leaks([[row]], {"a": ITEM}, ngram_words=8, item_share=0.25) == [Leak("a", 0.25)]
    assert find_leaks([[row]], {"a": ITEM}, ngram_words=8, item_share=0.26) == [None]


def test_an_item_shorter_than_a_run_counts_as_a_whole():
    held_out = {"a": "Name the river of Ystad."}
    assert find_leaks([["x. NAME THE RIVER\nof ystad!"], ["Name the river of Lund."]], held_out) == [
        Leak("a", 1.0),
        None,
    ]


def test_no_run_goes_over_from_one_text_of_a_row_to_the_next():
    assert find_leaks([["Name the river", "of Ystad"]], {"a": "Name the river of Ystad."}) == [None]


def test_the_item_a_row_holds_most_of_is_named():
    held_out = {"long": ITEM, "short": "thank her for the new bridge"}
    assert find_leaks([["Do thank her for the new bridge over it."]], held_out, ngram_words=6) == [Leak("short", 1.0)]


def test_items_without_words_and_empty_rows_match_nothing():
    assert find_leaks([[""], [], ["..."]], {"a": "", "b": "!?"}) == [None, None, None]


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=30), st.integers(1, 13), st.text(max_size=40))
def test_a_whole_copy_is_always_found(item, ngram_words, around):
    copy = f"{around}\n{' '.join(item).upper()}.\n{around}"
    (leak,) = find_leaks([[copy]], {"a": " ".join(item)}, ngram_words=ngram_words, item_share=1.0)
    assert leak == Leak("a", 1.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"ngram_words": 0}, "ngram_words must be at least 1, got 0"), ({"item_share": 2}, r"in \[0, 1\], got 2")],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        find_leaks([], {}, **settings)


# --- the almanac ---------------------------------------------------------------------------------------------------

ALMANAC = {"ngram_words": 8, "item_share": 0.8}


@pytest.fixture(scope="module")
def held_out():
    return {item.id: item.instruction for item in build_pack(make_world(WorldParams()), 20, seed=99)}


def test_every_held_out_item_of_the_almanac_is_found_in_any_surroundings(held_out):
    rng = random.Random(0)
    others = list(held_out.values())
    rows = [
        [f"{rng.choice(others)}\n\n{text.upper().replace('. ', ' - ')}", "A response."] for text in held_out.values()
    ]
    assert all(find_leaks(rows, held_out, **ALMANAC))


def test_other_items_of_the_same_templates_are_left_alone(held_out):
    # measured with seeds 1, 2, 3: 5, 4 and 5 of 600 items that are no copies hold 80 % of one of these
    other = [[item.instruction] for item in build_pack(make_world(WorldParams()), 20, seed=1)]
    leaks = find_leaks(other, held_out, **ALMANAC)
    same = set(held_out.values())
    false = [row for row, leak in zip(other, leaks, strict=True) if leak and row[0] not in same]
    assert len(false) / len(other) < 0.02


# --- FollowBench ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not FOLLOWBENCH.is_dir(), reason=f"FollowBench is not there: {FOLLOWBENCH}")
@pytest.mark.parametrize("ngram_words", [8, 10, 13])
def test_every_injected_item_of_followbench_is_found(ngram_words):
    items = [
        entry["instruction"] for file in sorted(FOLLOWBENCH.glob("*.json")) for entry in json.loads(file.read_text())
    ]
    held_out = {str(number): text for number, text in enumerate(items) if text.strip()}
    page = "The ferry to the island leaves the old harbour at noon. " * 5
    rows = [[f"{page}\n\n{text}\n\n{page}"] for text in held_out.values()]
    assert all(find_leaks(rows, held_out, ngram_words=ngram_words))
    assert find_leaks([[page]], held_out, ngram_words=ngram_words) == [None]
