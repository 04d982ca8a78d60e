"""Columns of a version's page stand apart in MLflow, and the same page reads well in a terminal."""

from quintain.registry.room import with_room, without_room

PAGE = """\
lte: HSR 74.5

| model | HSR |   |
| :---- | --: | - |
| lte   | a\\|b | |

| | |
|---|---|
| Parents | none |

one | two"""


def test_every_cell_with_a_text_gets_room_and_nothing_else_does():
    lines = with_room(PAGE).split("\n")
    assert lines[2:5] == ["| model&emsp; | HSR&emsp; |   |", "| :---- | --: | - |", "| lte&emsp;   | a\\|b&emsp; | |"]
    assert lines[6:9] == ["| | |", "|---|---|", "| Parents&emsp; | none&emsp; |"]
    assert (lines[0], lines[-1]) == ("lte: HSR 74.5", "one | two")


def test_a_page_gets_room_once_however_often_it_is_written():
    assert with_room(with_room(PAGE)) == with_room(PAGE)
    assert without_room(with_room(PAGE)) == PAGE
