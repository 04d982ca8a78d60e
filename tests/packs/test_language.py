"""How the packs cut English text; offsets always point back into it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.packs.language import line_spans, paragraph_spans, sentence_spans, sentences, word_spans, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It costs 3.50 at example.com today.", ["It costs 3.50 at example.com today."]),
        ("Use nuts, e.g. almonds. Dr. Lee agrees.", ["Use nuts, e.g. almonds.", "Dr. Lee agrees."]),
        ("He said “Stop!” Then he left...", ["He said “Stop!”", "Then he left..."]),
        ("# A heading.\nText.", ["Text."]),
        ("- bare item\n- A sentence.\n1. Another one.", ["A sentence.", "Another one."]),
        ("| a | b. |\n|---|---|", []),
        ("No mark at the end", ["No mark at the end"]),
        ("<tip>Inside.</tip> Outside.", ["Inside.", "Outside."]),
        ("!!! ... ???", []),
    ],
)
def test_sentences_are_what_a_careful_reader_counts(text, expected):
    assert sentences(text) == expected


def test_a_paragraph_is_a_block_with_prose_whatever_stands_around():
    text = "# Title\n\nFirst\nstill first.\n\n \t\n- item\n\n---\n\nSecond:\n- item"
    assert [text[start:end] for start, end in paragraph_spans(text)] == ["First\nstill first.", "Second:\n- item"]


@given(st.text(alphabet="aB1 .!?\n-#*|'<>/’\t", max_size=120))
def test_stretches_lie_inside_the_text_in_order_and_do_not_overlap(text):
    for cut in (word_spans, line_spans, sentence_spans, paragraph_spans):
        spans = cut(text)
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(earlier.end <= later.start for earlier, later in itertools.pairwise(spans))
        assert all(text[start:end] == text[start:end].strip() for start, end in spans)


@given(st.text(alphabet="aB1 .!?\n-#*", max_size=120))
def test_every_sentence_has_a_word(text):
    assert all(words(text, span) for span in sentence_spans(text))
