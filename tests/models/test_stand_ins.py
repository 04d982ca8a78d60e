"""Stand-ins hide every character but blanks, and give it back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.errors import ModelError
from quintain.models.stand_ins import StandIns

PRIVATE = "".join(map(chr, [*range(0xF0000, 0xFFFFE), *range(0x100000, 0x10FFFE)]))


@given(st.text(), st.text())
def test_what_is_hidden_shows_nothing_and_comes_back(text, other):
    stand_ins = StandIns([text, other], taken="<user>")
    hidden = stand_ins.hide(text)
    assert not {char for char in hidden if not char.isspace()} & {*text, *other, *"<user>"}
    assert [char for char in hidden if char.isspace()] == [char for char in text if char.isspace()]
    assert [char.isalnum() for char in hidden] == [char.isalnum() or char == "_" for char in text]
    assert stand_ins.show(hidden) == text
    assert stand_ins.show("<user>") == "<user>"


def test_more_characters_than_stand_ins_are_refused():
    with pytest.raises(ModelError, match="131069 different characters, more than any text has"):
        StandIns(["<" + PRIVATE], taken="")
    with pytest.raises(ModelError, match="shorten it"):
        StandIns(["<" + PRIVATE], taken="<user>")
