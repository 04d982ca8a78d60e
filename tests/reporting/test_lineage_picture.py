"""The picture of a lineage is one well-formed file in which everything stands right of what it was made from."""

import pytest
from lxml import etree

from quintain.reporting.lineage_picture import Box, columns, lineage_picture

BOXES = {
    "world": Box("stage", "world"),
    "base": Box("model", "base (version 1)", "DVC 5cf16cfb.dir"),
    "tuning": Box("stage", "tuning"),
    "pairs": Box("data", "a/very/long/path/that/does/not/fit/into/pairs<1>.jsonl"),
    "webr": Box("model", "webr"),
}
EDGES = [("world", "base"), ("base", "tuning"), ("world", "pairs"), ("pairs", "tuning"), ("tuning", "webr")]


def test_every_box_stands_one_column_after_the_last_that_it_was_made_from():
    assert columns(BOXES, EDGES) == {"world": 0, "base": 1, "pairs": 1, "tuning": 2, "webr": 3}
    # a shortcut does not pull a box back
    assert columns(BOXES, [*EDGES, ("world", "webr")])["webr"] == 3


def test_arrows_in_a_circle_are_refused():
    with pytest.raises(ValueError, match="in a circle"):
        columns(BOXES, [*EDGES, ("webr", "world")])


def test_the_picture_is_svg_with_all_texts_and_nothing_to_fetch():
    picture = lineage_picture(BOXES, EDGES)
    root = etree.fromstring(picture)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "base (version 1)" in texts
    assert "DVC 5cf16cfb.dir" in texts
    assert "…that/does/not/fit/into/pairs<1>.jsonl"[-31:] in "".join(texts)
    hovers = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "a/very/long/path/that/does/not/fit/into/pairs<1>.jsonl" in hovers
    assert "href" not in picture
    assert "<script" not in picture
    width, height = map(float, (root.get("width"), root.get("height")))
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(box.get("x", 0)) + float(box.get("width")) <= width
        assert float(box.get("y", 0)) + float(box.get("height")) <= height


def test_boxes_do_not_cover_each_other():
    root = etree.fromstring(lineage_picture(BOXES, EDGES))
    corners = [(box.get("x"), box.get("y")) for box in root.iter("{http://www.w3.org/2000/svg}rect") if box.get("x")]
    assert len(set(corners)) == len(BOXES)


def test_nothing_gives_an_empty_picture():
    assert etree.fromstring(lineage_picture({}, [])).tag.endswith("svg")
