"""Token diffs against what defines them: the shortest edit, the longest common part, Python's difflib."""

import difflib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quintain.methods.bmc import DIFFS, edit_distance, modified_tokens

IDS = st.lists(st.integers(0, 5), max_size=30)
# From 200 tokens on difflib stops anchoring on frequent ones.
LONG = st.lists(st.integers(0, 40), min_size=150, max_size=320)


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(diagonal + (x != y), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def common(a, b):
    row = [0] * (len(b) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = row[j], diagonal + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


def kept(ids, marks):
    return [token for token, mark in zip(ids, marks, strict=True) if not mark]


def test_a_substitution_marks_one_token_on_each_side():
    for diff in DIFFS:
        assert modified_tokens([1, 2, 9, 4], [1, 2, 3, 4], diff) == ([0, 0, 1, 0], [0, 0, 1, 0])


def test_an_insertion_marks_the_chosen_side_alone_and_a_deletion_the_rejected_one():
    for diff in DIFFS:
        assert modified_tokens([1, 2, 3], [1, 3], diff) == ([0, 1, 0], [0, 0])
        assert modified_tokens([1, 3], [1, 2, 3], diff) == ([0, 0], [0, 1, 0])


@given(IDS, IDS, st.sampled_from(DIFFS))
def test_what_is_not_marked_stands_in_both_in_the_same_order(chosen, rejected, diff):
    marks = modified_tokens(chosen, rejected, diff)
    assert kept(chosen, marks.chosen) == kept(rejected, marks.rejected)


@given(IDS, IDS)
def test_levenshtein_touches_no_more_tokens_than_the_shortest_edit(chosen, rejected):
    marks = modified_tokens(chosen, rejected, "levenshtein")
    # An edit script of distance d marks at most d tokens on either side, and a kept token costs nothing.
    distance = levenshtein(chosen, rejected)
    assert max(sum(marks.chosen), sum(marks.rejected)) <= distance <= sum(marks.chosen) + sum(marks.rejected)


@given(IDS, IDS)
def test_lcs_keeps_the_longest_common_part(chosen, rejected):
    marks = modified_tokens(chosen, rejected, "lcs")
    assert len(kept(chosen, marks.chosen)) == common(chosen, rejected)


@settings(max_examples=60)
@given(LONG, LONG, st.integers(0, 3))
@example([7] * 200, [7] * 199 + [8], 0)
def test_released_is_difflib_with_its_autojunk_bit_for_bit(chosen, other, period):
    # Every draw is compared with a stranger and with an edited copy of itself.
    for rejected in (other, [token if i % 17 > period else token + 1 for i, token in enumerate(chosen)]):
        expected = [0] * len(chosen), [0] * len(rejected)
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, rejected, chosen).get_opcodes():
            if tag in ("replace", "delete"):
                expected[1][i1:i2] = [1] * (i2 - i1)
            if tag in ("replace", "insert"):
                expected[0][j1:j2] = [1] * (j2 - j1)
        assert modified_tokens(chosen, rejected, "released") == expected


def test_the_modes_differ_where_a_frequent_token_makes_up_a_long_response():
    # Every second token is 0: from 200 tokens on autojunk anchors nowhere, and keeps the 0 at the start alone.
    chosen = [token for i in range(120) for token in (0, 100 + i)]
    rejected = [token for i in range(120) for token in (0, 300 + i)]
    assert sum(modified_tokens(chosen, rejected, "levenshtein").chosen) == 120
    assert sum(modified_tokens(chosen, rejected, "released").chosen) == 239


@given(IDS, IDS)
def test_the_distance_is_levenshteins_over_the_longer_length(chosen, rejected):
    longest = max(len(chosen), len(rejected))
    expected = levenshtein(chosen, rejected) / longest if longest else 0.0
    assert edit_distance(chosen, rejected) == pytest.approx(expected)


def test_an_unknown_diff_is_named():
    with pytest.raises(ValueError, match="there is no diff 'myers'; there are levenshtein, lcs, released"):
        modified_tokens([1], [2], "myers")
