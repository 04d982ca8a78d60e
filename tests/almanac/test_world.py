"""The world is one seed's; no value could be taken for another's."""

import itertools

import pytest

from quintain.almanac.phrasing import COLOURS, PRODUCTS, RELATIONS, TRADES, WORDS
from quintain.almanac.world import WorldParams, make_world, world_as_json, world_from_json


def test_sizes_are_those_asked_for(world):
    assert {kind: len(names) for kind, names in world.pools.items()} == {
        "town": 40, "person": 40, "river": 10, "region": 8, "product": len(PRODUCTS), "year": 30,
        "trade": len(TRADES), "colour": len(COLOURS),
    }  # fmt: skip
    assert len(world.fresh_towns) == 30


def test_every_subject_has_a_fact_for_each_relation_of_its_kind(world):
    for subject, facts in world.facts.items():
        assert set(facts) == set(RELATIONS[world.kinds[subject]])
    # 40 towns × 6 + 40 persons × 2 + 10 rivers × 1 = 330 facts
    assert sum(map(len, world.facts.values())) == 330


def test_value_pools_are_disjoint_so_that_membership_decides(world):
    pools = [{name.lower() for name in names} for names in (*world.pools.values(), world.fresh_towns, WORDS)]
    for one, other in itertools.combinations(pools, 2):
        assert not one & other


def test_no_town_trades_with_itself(world):
    assert all(world.facts[town]["partner"] != town for town in world.pools["town"])


def test_a_seed_gives_one_world_and_json_keeps_it(world):
    assert make_world(WorldParams()) == world
    assert make_world(WorldParams(seed=1)) != world
    assert world_from_json(world_as_json(world)) == world


def test_json_of_something_else_is_refused():
    with pytest.raises(ValueError, match="this is no almanac world"):
        world_from_json({"pools": []})


def test_a_size_that_is_too_small_is_named():
    with pytest.raises(ValueError, match="rivers must be at least 2, got 1"):
        WorldParams(rivers=1)
