"""The two responses of a pair, before and after bridging, by hand."""

import pytest

from quintain.pipelines.preference.pair_report import report_pairs
from quintain.pipelines.preference.pairs import PairParams
from quintain.records import Dropped, TokenizedPair
from quintain.training.preference.tokenized_pairs import TokenizationParams


def pair(chosen, modified):
    """A winner against the loser 5 6 7 4, with the same tokens marked on both sides."""
    return TokenizedPair(
        pair_id="a", prompt_ids=(1,), chosen_ids=chosen, rejected_ids=(5, 6, 7, 4), chosen_modified=modified,
        rejected_modified=modified, edit_distance=0.25, original_distance=0.75,
    )  # fmt: skip


ORIGINAL, BRIDGED = pair((1, 2, 3, 4), (1, 1, 1, 0)), pair((5, 6, 3, 4), (0, 0, 1, 0))
ROWS = TokenizationParams(max_length=16)
LOST = [Dropped(stage="losers", reason="gold", where="b"), Dropped(stage="tokens", reason="no-room", where="c")]


@pytest.mark.parametrize(
    ("chosen", "rows", "others", "edited"),
    [("bridged", [BRIDGED], [ORIGINAL], 0.25), ("original", [ORIGINAL], [BRIDGED], 0.75)],
)
def test_a_bridge_brings_the_responses_nearer_whichever_of_the_two_is_learned(chosen, rows, others, edited):
    report, figure, card = report_pairs(rows, others, LOST, ROWS, PairParams(pairs=chosen))
    # Of 4 tokens 3 were replaced before bridging, and 1 after.
    assert report["edit_distance"] == {
        "before_mean": 0.75, "before_median": 0.75, "after_mean": 0.25, "after_median": 0.25,
    }  # fmt: skip
    assert report["overlap"] == {"before": 0.25, "after": 0.75}
    assert report["length_ratio"] == {"before": 1.0, "after": 1.0}
    assert report["edited_share"]["levenshtein"] == {"share": edited, "same": 1.0}
    assert f"the better response is {chosen}" in card
    assert len(figure.axes) == 2


def test_the_funnel_counts_from_the_pairs_back_to_the_prompts():
    report, _, _ = report_pairs([BRIDGED], [ORIGINAL], LOST, ROWS, PairParams())
    assert report["funnel"]["losers"] == {"entered": 3, "passed": 2, "dropped": {"gold": 1}}
    assert report["funnel"]["tokens"] == {"entered": 2, "passed": 1, "dropped": {"no-room": 1}}


def test_without_a_pair_there_is_a_card_and_no_distance():
    report, _, card = report_pairs([], [], LOST[:1], ROWS, PairParams())
    assert (report["pairs"], report["funnel"]["losers"]["dropped"]) == (0, {"gold": 1})
    assert "edit_distance" not in report
    assert card.startswith("# Preference pairs")
