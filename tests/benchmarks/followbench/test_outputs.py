"""Outputs made elsewhere: matched by key, judged, and put on a card by the authors' arithmetic or ours."""

import pytest

from quintain.benchmarks.followbench.outputs import Output, card, judge_outputs, satisfied
from quintain.records import ConstraintItem, Rule


def item(category, example_id, level, ruled):
    rules = (Rule(kind="followbench-en", value="E2E"),) * level if ruled else ()
    return ConstraintItem(
        example_id=str(example_id), category=category, level=level, instruction=f"{category} {example_id} {level}",
        rules=rules, target="right", source="E2E" if ruled else "oasst",
    )  # fmt: skip


ITEMS = [item("content", 1, level, ruled=True) for level in range(1, 6)]
ITEMS += [item("style", 1, level, ruled=False) for level in range(1, 6)]


def outputs(text, category="content", output_id=None):
    return [
        Output(category=category, example_id=1, level=level, output=text, output_id=output_id) for level in range(1, 6)
    ]


def yes(level):
    return "fine\n" + str(["YES"] * level)


def test_a_missing_reply_is_null_an_unread_one_too_and_only_the_latter_counts():
    said = outputs("whatever", "style")
    replies = {said[0].key: "YES", said[1].key: yes(2), said[2].key: "no idea"}
    judged = judge_outputs(ITEMS, said, replies, "en", "upstream-parity")
    assert [satisfied(one) for one in judged] == [True, True, None, None, None]
    numbers = card(judged, "upstream-parity")
    assert (numbers["n_scored"], numbers["n_unread"]) == (3, 1)
    # one group: a pass is 100 %, the unread reply −1 of 1 is −100 %, what nobody scored is null
    assert numbers["hsr"]["style"] == [100.0, 100.0, -100.0, None, None]
    assert numbers["csl"]["style"] == 2.0


def test_the_honest_card_counts_an_unread_reply_as_no():
    said = outputs("whatever", "style")
    replies = {one.key: yes(one.level) for one in said[:2]} | {said[2].key: "no idea"}
    numbers = card(judge_outputs(ITEMS, said, replies, "en", "corrected"), "corrected")
    assert numbers["hsr"]["style"] == [100.0, 100.0, 0.0, None, None]
    assert numbers["n_unread"] == 1


def test_soft_satisfaction_is_the_share_of_yes():
    said = outputs("whatever", "style")
    replies = {said[3].key: "so\n['YES', 'NO', 'NO', 'NO']"}
    numbers = card(judge_outputs(ITEMS, said, replies, "en", "upstream-parity"), "upstream-parity")
    assert numbers["ssr"]["style"] == [None, None, None, 25.0, None]


def test_each_output_id_is_a_group_of_its_own():
    said = outputs("a", "style", output_id=1) + outputs("b", "style", output_id=2)
    replies = {one.key: yes(one.level) if one.level > 1 else "YES" for one in said if one.output_id == 1}
    replies |= {one.key: "NO" if one.level == 1 else str(["NO"] * one.level) for one in said if one.output_id == 2}
    numbers = card(judge_outputs(ITEMS, said, replies, "en", "upstream-parity"), "upstream-parity")
    assert numbers["hsr"]["style"] == [50.0] * 5
    assert numbers["csl"]["style"] == 2.5  # runs of 5 and of 0


def test_an_id_is_the_same_as_its_digits():
    one = Output(category="style", example_id="1", level=1, output="x")
    assert one.key == Output(category="style", example_id=1, level=1, output="y").key


def test_an_output_of_no_item_and_a_doubled_key_are_refused():
    stranger = Output(category="style", example_id=9, level=1, output="x")
    with pytest.raises(ValueError, match="output 1: the pack has no item style/9 at level 1; is the language right"):
        judge_outputs(ITEMS, [stranger], {}, "en", "corrected")
    one = outputs("x", "style")[0]
    with pytest.raises(ValueError, match="output 2 has the same category, example_id, level and output_id as output 1"):
        judge_outputs(ITEMS, [one, one], {}, "en", "corrected")


def test_nothing_to_score_gives_an_empty_card():
    for rules in ("upstream-parity", "corrected"):
        numbers = card([], rules)
        assert numbers["macro"] == {"hsr": [None] * 5, "ssr": [None] * 5, "csl": None}
        assert numbers["n_scored"] == 0
