"""The picture of a lineage is one well-formed file in which everything stands below what it was made from."""

import pytest
from lxml import etree

from quintain.reporting.lineage_picture import Box, lineage_picture, ranks

BOXES = {
    "world": Box("stage", "world"),
    "base": Box("model", "base (version 1)", "DVC 5cf16cfb.dir"),
    "tuning": Box("stage", "tuning"),
    "pairs": Box("data", "a/very/long/path/that/does/not/fit/into/pairs<1>.jsonl"),
    "webr": Box("model", "webr"),
}
EDGES = [("world", "base"), ("base", "tuning"), ("world", "pairs"), ("pairs", "tuning"), ("tuning", "webr")]


def test_every_box_stands_one_rank_below_the_last_that_it_was_made_from():
    assert ranks(BOXES, EDGES) == {"world": 0, "base": 1, "pairs": 1, "tuning": 2, "webr": 3}
    # a shortcut does not pull a box back
    assert ranks(BOXES, [*EDGES, ("world", "webr")])["webr"] == 3


def test_what_nothing_made_stands_just_above_its_first_use():
    boxes = {**BOXES, "given": Box("data", "given.jsonl")}
    assert ranks(boxes, [*EDGES, ("given", "tuning")])["given"] == 1  # tuning stands at 2


def test_arrows_in_a_circle_are_refused():
    with pytest.raises(ValueError, match="in a circle"):
        ranks(BOXES, [*EDGES, ("webr", "world")])


def test_the_picture_is_svg_with_all_texts_and_nothing_to_fetch():
    picture = lineage_picture(BOXES, EDGES)
    root = etree.fromstring(picture)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "base (version 1)" in texts
    assert "DVC 5cf16cfb.dir" in texts
    assert "…that/does/not/fit/into/pairs<1>.jsonl"[-27:] in "".join(texts)
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
    corners = [
        (box.get("x"), box.get("y"))
        for box in root.iter("{http://www.w3.org/2000/svg}rect")
        if box.get("height") == "44"
    ]
    assert len(set(corners)) == len(BOXES)


def test_a_long_line_of_descent_is_no_wider_than_a_screen_and_has_a_key():
    chain = {f"model{i}": Box("model", f"model {i}") for i in range(20)}
    files = {f"file{i}": Box("data", f"file {i}") for i in range(12)}
    edges = [(f"model{i}", f"model{i + 1}") for i in range(19)] + [("model0", name) for name in files]
    root = etree.fromstring(lineage_picture({**chain, **files}, edges))
    # a line of 5 boxes of 204 with gaps of 22 between margins of 20
    assert float(root.get("width")) == 5 * 204 + 4 * 22 + 2 * 20
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:2] == ["data", "model"]  # no stage, so none in the key


def test_the_picture_has_colours_for_a_dark_scheme():
    assert "@media (prefers-color-scheme: dark)" in lineage_picture(BOXES, EDGES)


def test_nothing_gives_an_empty_picture():
    assert etree.fromstring(lineage_picture({}, [])).tag.endswith("svg")
