"""Imported pairs that hold an item of a benchmark, or resemble an earlier pair, are found."""

from quintain.given.screening import screen, texts_of
from quintain.given.seen_ids import SeenIds
from quintain.records import Instruction, InstructionPair, Message, Origin, PreferencePair
from quintain.web.duplicates import near_duplicates

ITEM = "Name the four largest rivers of the county of Ystad in the order of their length"


def pair(instruction, response="Yes.", line=1, **more):
    origin = Origin(knobs={"source": f"a.jsonl, line {line}"})
    return InstructionPair(instruction=instruction, response=response, kind="given", origin=origin, **more)


def test_an_item_is_found_in_every_turn_of_a_chat_and_in_both_responses():
    asked = (Message(role="user", content=f"Well: {ITEM}?"), Message(role="assistant", content="No."))
    rows = [
        pair("What is a county?"), pair(ITEM.lower()), pair("And now?", context=asked),
        PreferencePair(prompt="p", chosen="c", rejected=f"{ITEM}."), Instruction(text=ITEM),
    ]  # fmt: skip
    found = screen(rows, {"pack: 1": ITEM}, ngram_words=8)
    assert [one.reason if one else "" for one in found] == ["", "held-out", "held-out", "held-out", ""]
    assert found[1].where == "a.jsonl, line 1: it holds 100% of pack: 1"


def test_of_near_duplicates_the_first_stays_and_the_others_name_it():
    text = "Explain to a new colleague how the ferry between the two islands is booked for a family"
    rows = [pair(text, line=1), pair("Something else entirely", line=2), pair(f"{text}!", line=3)]
    found = screen(rows, {}, ngram_words=13, clusters=lambda texts: near_duplicates(texts, 0.9))
    assert [one is None for one in found] == [True, True, False]
    assert (found[2].reason, found[2].where) == ("near-duplicate", "a.jsonl, line 3: it resembles a.jsonl, line 1")


def test_two_questions_about_one_long_text_are_no_copies():
    text = " ".join(f"word{number}" for number in range(300))
    rows = [pair(f"{text} Who rules?", "Ada Brook"), pair(f"{text} Since when?", "For two years")]
    found = screen(rows, {}, ngram_words=13, clusters=lambda texts: near_duplicates(texts, 0.9))
    assert found == [None, None]


def test_a_pair_that_leaks_is_no_first_of_a_group():
    rows = [pair(ITEM, line=1), pair(ITEM, "Another.", line=2)]
    found = screen(rows, {"q": ITEM}, ngram_words=8, clusters=lambda texts: [0] * len(texts))
    assert [one.reason for one in found] == ["held-out", "held-out"]


def test_the_texts_of_a_chat_stand_turn_by_turn():
    assert texts_of(pair("b", "c", context=(Message(role="user", content="a"),))) == ("a", "b", "c")


def test_ids_are_seen_once_however_many_there_are():
    seen = SeenIds()
    ids = [f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" for number in range(1, 5001)]
    assert [seen.add(each) for each in [*ids, *ids]] == [True] * 5000 + [False] * 5000
    assert len(seen) == 5000
    assert (seen.add("0" * 16), seen.add("0" * 16)) == (True, False)
