"""The items behind a scorecard are found by the digest of its pack, or left out."""

from pathlib import Path

import pytest

from quintain.benchmarks.benchmark import items_digest
from quintain.benchmarks.followbench.benchmark import load_benchmark
from quintain.benchmarks.scorecard import BenchmarkIdentity
from quintain.cli.scorecard_pack import find_items
from quintain.errors import RecordError
from quintain.packs.build import build_pack

DATA = Path(__file__).parents[3] / "shared/data/followbench/en"
released = pytest.mark.skipif(not DATA.is_dir(), reason=f"the released FollowBench files are not at {DATA}")


def card(digest, name="core", rules="exact"):
    return BenchmarkIdentity(name=name, digest=digest, rules=rules)


def test_an_exact_pack_is_built_from_its_name():
    core = build_pack("core")
    items, missing = find_items(card(items_digest(core)), None, None)
    assert (items, missing) == (core, "")


def test_a_pack_of_another_seed_is_left_out_and_named():
    items, missing = find_items(card("0123456789abcdef"), None, None)
    assert items == []
    assert "pack core (0123456789abcdef) are not at hand" in missing
    assert "--pack FILE" in missing


@released
def test_followbench_is_read_from_a_folder_at_hand_and_from_nowhere_else(tmp_path):
    pack = load_benchmark(DATA, "en")
    theirs = card(items_digest(pack), "followbench", "corrected")
    assert find_items(theirs, None, None)[0] == []
    assert find_items(theirs, tmp_path, None)[0] == []
    assert find_items(theirs, None, DATA)[0] == pack
    settings = tmp_path / "conf/followbench/globals.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"benchmarks:\n  followbench: {DATA}\n")
    assert find_items(theirs, tmp_path, None)[0] == pack
    with pytest.raises(RecordError, match="holds the pack .* but the scorecard was made on followbench 0000"):
        find_items(card("0000", "followbench", "corrected"), None, DATA)
