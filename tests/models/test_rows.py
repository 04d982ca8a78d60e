"""A row grows token by token, is heard piece by piece, and ends for its own reason."""

from hypothesis import given
from hypothesis import strategies as st

from quintain.models.calls import Call
from quintain.models.language_model import Sampling
from quintain.models.rows import Draw, Row
from quintain.prompts import request

END = 256


class Heard:
    """Listens until it has had enough."""

    def __init__(self, patience=1000):
        self.pieces = []
        self.patience = patience

    @property
    def gone(self):
        return len(self.pieces) >= self.patience

    def hear(self, text):
        self.pieces.append(text)

    def end(self, completion):
        pass


def decode(ids):
    """A token is a byte, as in the smallest byte-level tokenizer."""
    return bytes(token for token in ids if token != END).decode("utf-8", "replace")


def grow(tokens, stop=(), limit=1000, listener=None):
    asked = request("student/instruction", {"instruction": "Hi"})
    row = Row(
        Call(request=asked, sampling=Sampling(), stop=stop, listener=listener),
        [1],
        limit,
        {END},
        decode,
        Draw(Sampling(), 0),
    )
    for token in tokens:
        if row.take(token):
            break
    return row


@given(st.text(), st.lists(st.text(min_size=1, max_size=4), max_size=3))
def test_what_is_heard_is_the_completion_and_never_more_than_stands_before_the_first_stop(text, stop):
    heard = Heard()
    row = grow([*text.encode("utf-8", "replace"), END], tuple(stop), listener=heard)
    whole = decode(text.encode("utf-8", "replace"))
    first = min((at for each in stop if (at := whole.find(each)) >= 0), default=len(whole))
    assert row.finish_reason == "stop"
    assert row.text() == whole[:first]
    assert "".join(heard.pieces) == whole[:first]


def test_a_character_of_several_tokens_is_heard_when_it_is_whole():
    heard = Heard()
    grow("aé".encode(), listener=heard)
    assert heard.pieces == ["a", "é"]


def test_the_beginning_of_a_stop_is_held_back_until_it_turns_out_to_be_none():
    heard = Heard()
    row = grow(b"a\n\nb", stop=("\n\n\n",), listener=heard)
    assert heard.pieces == ["a", "\n\nb"]
    assert row.finish_reason is None


def test_a_row_ends_at_a_stop_an_end_token_its_limit_or_when_nobody_listens():
    assert grow(b"one two", stop=("e",)).finish_reason == "stop"
    assert grow([*b"one", END, *b"two"]).finish_reason == "stop"
    limited = grow(b"one two", limit=3)
    assert (limited.text(), limited.finish_reason) == ("one", "length")
    left = grow(b"one two", listener=Heard(patience=2))
    # Two pieces, o and n, were heard; the listener is found gone at the third token.
    assert (len(left.ids), left.finish_reason) == (3, "length")


def test_an_end_token_that_is_no_special_token_is_not_part_of_the_text():
    asked = request("student/instruction", {"instruction": "Hi"})
    heard = Heard()
    row = Row(Call(request=asked, sampling=Sampling(), listener=heard), [1], 9, {ord("!")}, decode, Draw(Sampling(), 0))
    assert [row.take(token) for token in b"ab!"] == [False, False, True]
    assert (row.text(), "".join(heard.pieces)) == ("ab", "ab")
