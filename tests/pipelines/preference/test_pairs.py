"""Losers are found and bridged, and nothing found is an error unless the student was right."""

import json
from pathlib import Path

import pytest

from quintain.almanac.world import world_as_json
from quintain.datasets.model_ref import model_ref
from quintain.errors import RecordError
from quintain.methods.bmc.bridge import BridgeParams
from quintain.models.roles import Roles
from quintain.pipelines.preference.losers import LoserParams
from quintain.pipelines.preference.pairs import PairParams, bridge_losers, tokenize_pairs
from quintain.records import Origin, PreferencePair
from quintain.training.preference.tokenized_pairs import TokenizationParams
from tests.oracle_binding import oracle_binding
from tests.pipelines.preference.pairs import ROLES


def test_no_bridge_is_an_error_unless_most_responses_were_good_enough(monkeypatch, world, gold, tmp_path):
    oracle_binding(tmp_path, world_as_json(world))
    monkeypatch.chdir(tmp_path)
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings=ROLES)
    good = [PreferencePair(prompt=pair.instruction, chosen="Hm.", rejected=pair.response) for pair in gold[:3]]
    bridged, dropped = bridge_losers(good, BridgeParams(), PairParams(), roles)
    assert bridged == []
    assert [one.reason for one in dropped] == ["good-enough"] * 3
    assert bridge_losers([], BridgeParams(), PairParams(), roles) == ([], [])
    short = BridgeParams(most_growth=1)
    bad = [PreferencePair(prompt=pair.instruction, chosen="Yes.", rejected="Hm.") for pair in gold[:3]]
    with pytest.raises(RecordError, match=r"no losing response was bridged \(dropped: 3 overgrown\)"):
        bridge_losers(bad, short, PairParams(), roles)


def test_pairs_that_are_all_too_long_are_an_error(given, student):
    with pytest.raises(RecordError, match=r"none of 3 pairs is a row \(dropped: 3 no-room\); see preference.rows"):
        tokenize_pairs(given[:3], given[:3], model_ref(student), TokenizationParams(max_length=2), PairParams())


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (LoserParams, {"prompts": 0}, "prompts must be at least 1"),
        (LoserParams, {"prompts": 1, "source": "web"}, "source must be one of student, given, both"),
        (PairParams, {"pairs": "both"}, "pairs must be one of bridged, original, unbridged"),
        (PairParams, {"held_out": 1.0}, r"held_out must be in \(0, 1\)"),
        (PairParams, {"fewest_prompts": 1}, "fewest_prompts must be at least 2"),
    ],
)
def test_a_wrong_setting_is_named(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind(**settings)


def test_the_origin_of_a_bridge_leads_to_prompt_and_pair(run):
    catalog = run()
    originals = {pair.id for pair in catalog.load("bmc.original_pairs")}
    for line in Path("data/03_primary/bmc/bridged_pairs.jsonl").read_text().splitlines():
        pair = json.loads(line)
        assert pair["origin"]["parents"][0] in originals
        assert pair["origin"]["prompt"].startswith("bmc/bridge_instruction@")
    assert isinstance(catalog.load("bmc.bridged_pairs")[0].origin, Origin)
