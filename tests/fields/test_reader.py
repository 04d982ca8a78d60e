"""A setting's type and range stand in its annotation, and one reader finds everything that breaks them."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypedDict

import pytest
from msgspec import Meta, Struct

from quintain.field_words import describe
from quintain.fields import Count, Fault, Names, Natural, PartOf, Positive, Seed, Share, Tagged, check, faults


@dataclass(frozen=True, kw_only=True)
class Draws:
    count: Count
    share: Share = 0.5
    rate: Positive | None = None
    mode: Literal["paper", "robust"] = "robust"
    fast: bool = False
    sizes: Annotated[tuple[Count, ...], Meta(min_length=1)] = (1,)
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(self)
        if self.fast and self.mode == "paper":
            raise ValueError("fast must be false in the mode paper")


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    size: Natural = 0


class Own(TypedDict, total=False):
    draws: Annotated[dict[str, Any], PartOf(Draws)]


Tagging = dict[
    Annotated[str, Names(("a", "b"))], Annotated[dict[str, Any] | None, Tagged("by", {"kind": Kind}, ("old",))]
]


def said(kind, value):
    return [f"{'.'.join(fault.path)} {fault.problem}".strip() for fault in faults(kind, value)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"count": True}, "count must be a whole number, got True"),
        ({"count": 1.5}, "count must be a whole number, got 1.5"),
        ({"count": "3"}, "count must be a whole number, got '3'"),
        ({"count": None}, "count must be a whole number, got null"),
        ({"count": 0}, "count must be at least 1, got 0"),
        ({"count": 10**19}, "count is too large: 10000000000000000000"),
        ({"count": 1, "share": 7}, "share must be in [0, 1], got 7"),
        ({"count": 1, "share": float("nan")}, "share must be a finite number, got nan"),
        ({"count": 1, "share": 10**400}, "share is too large: 1000"),
        ({"count": 1, "rate": -0.1}, "rate must be positive, got -0.1"),
        ({"count": 1, "mode": "papr"}, "mode must be one of paper, robust, got 'papr'; did you mean paper?"),
        ({"count": 1, "fast": "no"}, "fast must be true or false, got 'no'"),
        ({"count": 1, "sizes": []}, "sizes must be of one item at least, got []"),
        ({"count": 1, "sizes": [1, 0]}, "sizes.2 must be at least 1, got 0"),
        ({"count": 1, "sizes": "12"}, "sizes must be a list, got '12'"),
        ({"count": 1, "more": {"deep": [1, float("inf")]}}, "more.deep.2 must be a finite number, got inf"),
        ({"count": 1, "fast": True, "mode": "paper"}, "fast must be false in the mode paper"),
        ({"conut": 1, "count": 1}, "conut there is no 'conut'; did you mean count"),
        ({}, "lacks `count`, which has no default"),
        (3, "must map names to values (count, share"),
    ],
)
def test_each_fault_is_named_once(value, message):
    (line,) = said(Draws, value)
    assert line.startswith(message)


def test_all_faults_are_found_at_once():
    wrong = {"count": 0, "share": 2, "shar": 1, "fast": 1}
    assert {fault.path for fault in faults(Draws, wrong)} == {("count",), ("share",), ("shar",), ("fast",)}


def test_a_whole_number_stands_for_a_number_and_null_where_it_is_allowed():
    assert said(Draws, {"count": 1, "share": 1, "rate": None, "sizes": [3]}) == []


def test_a_dataclass_checks_itself_by_the_same_annotations():
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 2"):
        Draws(count=1, share=2)


def test_a_part_of_a_type_needs_none_of_its_fields():
    assert said(dict[str, Own], {"x": {"draws": {"share": 0.1}}}) == []
    assert said(dict[str, Own], {"x": {"draws": {"share": 3}}}) == ["x.draws.share must be in [0, 1], got 3"]
    assert said(dict[str, Own], {"x": {"draw": {}}}) == ["x.draw there is no 'draw'; did you mean draws?"]


def test_one_key_says_which_type_the_others_have():
    assert said(Tagging, {"a": {"by": "kind", "size": 3, "old": 1}, "b/second": None}) == []
    assert said(Tagging, {"a": {"by": "knd"}}) == ["a.by there is no 'knd'; did you mean kind?"]
    assert said(Tagging, {"a": {"size": 1}}) == ["a lacks `by`: one of kind"]
    assert said(Tagging, {"a": {"by": ["kind"]}}) == ["a.by must be one of kind"]
    assert said(Tagging, {"a": {"by": "kind", "size": -1}}) == ["a.size must be at least 0, got -1"]
    assert said(Tagging, {"c": None}) == ["c there is no 'c'; there are a, b"]


def test_a_type_can_be_named_for_a_reader():
    assert describe(Seed) == "a whole number in [0, 4294967296)"
    assert describe(Positive | None) == "a number above 0 or null"


def test_a_fault_is_where_and_what():
    assert list(faults(Share, 2, ("a", "b"))) == [Fault(("a", "b"), "must be in [0, 1], got 2")]
