"""Losing responses come from the student or from pairs as they are given."""

import pytest

from quintain.datasets.model_ref import model_ref
from quintain.errors import ConfigError, RecordError
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.preference.losers import LoserParams, find_losers
from tests.pipelines.preference.pairs import ROLES


def test_what_the_referee_preferred_in_a_round_is_given_beside_the_by_product_of_synthesis(run, given):
    catalog = run(losers=LoserParams(source="given", prompts=50), given=given[:12], refereed=given[10:24])
    assert {pair.id for pair in catalog.load("bmc.original_pairs")} == {pair.id for pair in given[:24]}


def test_no_pair_is_an_error_when_the_student_was_not_right(world, gold, student, tmp_path):
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings=ROLES)
    with pytest.raises(RecordError, match=r"no losing response was found \(0 given pairs, 60 prompts; dropped: none\)"):
        find_losers(gold, [], model_ref(student), LoserParams(source="given", prompts=9), Sampling(), roles)
    short = Sampling(max_new_tokens=1)
    with pytest.raises(RecordError, match=r"60 prompts; dropped: 9 unfinished\); see preference.losers"):
        find_losers(gold, [], model_ref(student), LoserParams(prompts=9), short, roles)
    with pytest.raises(ConfigError, match="2 samples at temperature 0 are all the same"):
        find_losers(gold, [], model_ref(student), LoserParams(prompts=9, samples=2), Sampling(), roles)
