"""Benchmarks come from the settings of their entry in the catalog."""

import pytest
from kedro.io import DataCatalog, DatasetError

from quintain.datasets import BenchmarkDataset
from tests.project_configuration import configuration


def test_entries_of_the_catalog_name_the_built_in_benchmarks():
    entries = configuration("base")["catalog"]
    catalog = DataCatalog.from_config({name: entries[name] for name in entries if name.endswith(".items@benchmark")})
    core = catalog.load("core.items@benchmark")
    assert (core.name, core.rules, len(core.items), core.digest) == ("core", "exact", 1440, core.identity.digest)
    for name in ("almanac", "extended", "followbench", "followbench_zh", "followbench_corrected", "ifeval", "ifbench"):
        assert f"{name}.items@benchmark" in entries
    assert entries["almanac.items@benchmark"]["metadata"]["dvc_deps"] == ["data/01_raw/world.json"]


def test_equal_settings_give_equal_items_and_another_seed_others():
    first, again, other = (
        BenchmarkDataset(name="small", benchmark="exact", size=2, seed=seed).load() for seed in (0, 0, 1)
    )
    assert first.digest == again.digest != other.digest
    assert first.identity.name == "small"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "followbench", "source": "nowhere"}, "nowhere is no folder; name one that holds content_constraints"),
        ({"name": "followbench", "source": "x", "rules": "strict"}, "rules must be one of upstream-parity, corrected"),
        ({"name": "followbench", "source": "x", "language": "de"}, "language must be one of en, zh, got 'de'"),
        ({"name": "ifeval", "filepath": "gone.jsonl"}, r"gone\.jsonl cannot be read.*`ifeval` under `benchmarks`"),
        (
            {"name": "ifbench", "source": "gone.jsonl"},
            r"gone\.jsonl cannot be read.*IFBench_test\.jsonl.*`ifbench` under",
        ),
        ({"name": "ifbench"}, r"benchmark 'ifbench' has no prompts; name IFBench_test\.jsonl of allenai/IFBench"),
        (
            {"name": "ifbench", "source": "a", "filepath": "b"},
            r"name the prompts once, as `source`; got 'a' and filepath",
        ),
        (
            {"name": "core", "benchmark": "exact", "size": "tiny"},
            "no exact pack 'tiny'; there are starter, core",
        ),
        ({"name": "almanac", "filepath": "a.jsonl", "world": "w.json"}, r"a\.jsonl holds the items of a benchmark and"),
        ({"name": "almanac", "filepath": "a", "world": "w", "rules": "x"}, "rules must be one of almanac, judge"),
        (
            {"name": "core", "benchmark": "exact", "sizes": 3},
            "unexpected keyword argument 'sizes'; its settings .*size",
        ),
        ({"name": "sumz"}, "no package offers a benchmark 'sumz'; there are"),
    ],
)
def test_what_is_wrong_with_an_entry_is_one_clear_error(settings, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=message):
        BenchmarkDataset(**settings).load()


def test_a_benchmark_is_read_only():
    with pytest.raises(DatasetError, match="benchmark 'core' is only read"):
        BenchmarkDataset(name="core", benchmark="exact").save("items")
