"""Evidence points at the words, lines and ends that decide a rule, and never beside the response."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.almanac.checks import check
from quintain.almanac.constraints import AXES
from quintain.almanac.evidence import evidence
from quintain.almanac.pack import build_pack
from quintain.almanac.world import WorldParams, make_world
from quintain.records import Rule

WORLD = make_world(WorldParams())
TOWN, OTHER = WORLD.pools["town"][:2]
RIVER = WORLD.facts[TOWN]["river"]


@pytest.mark.parametrize(
    ("kind", "value", "response", "stretches"),
    [
        ("mention", "river", f"{TOWN} lies on the {RIVER}.", [RIVER]),
        ("omit", "river", f"{RIVER} and {RIVER}", [RIVER, RIVER]),
        ("omit", "mayor", f"{TOWN} lies on the {RIVER}.", []),
        ("word", "green", "A Green place.", ["Green"]),
        ("list", "dash", "- one\n\n- two ", ["- one", "- two"]),
        ("header", "Report:", " Note: it is.", ["Note: i"]),
        ("footer", "Done.", "It is done!\n", ["done!"]),
        ("capitals", "yes", f"{TOWN} is fine.", [TOWN]),
        ("footer", "Done.", "  ", []),
    ],
)
def test_evidence_points_at_what_decides(kind, value, response, stretches):
    found = evidence(WORLD, Rule(kind=kind, value=value), TOWN, response)
    assert [response[start:end] for start, end in found] == stretches


@given(
    kind=st.sampled_from(sorted(AXES)),
    response=st.text(max_size=80) | st.lists(st.sampled_from([TOWN, RIVER, "\n- ", "kindly ", ". ", " "])).map("".join),
)
def test_evidence_lies_inside_the_response(kind, response):
    rule = Rule(kind=kind, value=AXES[kind].values[0])
    assert all(0 <= start < end <= len(response) for start, end in evidence(WORLD, rule, TOWN, response))


def test_a_judgement_has_evidence_for_each_of_its_constraints():
    item = next(item for item in build_pack(WORLD, 1, seed=0) if item.level == 5)
    judged = check(WORLD, item, " Nonsense. ")
    assert len(judged.evidence) == 5
    assert judged.response == " Nonsense. "
