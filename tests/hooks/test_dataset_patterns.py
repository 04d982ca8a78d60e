"""Compiled patterns find what Kedro's own comparison finds."""

import parse
import pytest
from kedro.io import CatalogConfigResolver, catalog_config_resolver

from quintain.hooks import dataset_patterns
from tests.project_configuration import configuration

NAMES = ("webr.almanac.scorecard", "base.model@hf", "Base.Model@HF", "pages", "core.items@benchmark", ".", "", "a{b}")


@pytest.fixture
def compiled(monkeypatch):
    """Patterns that are compiled during a test, an entry for each time."""
    monkeypatch.setattr(catalog_config_resolver, "parse", parse.parse)  # for the end of the test
    counted = []
    plain = parse.Parser.__init__

    def counting(self, pattern, *rest, **named):
        counted.append(pattern)
        plain(self, pattern, *rest, **named)

    dataset_patterns._compiled.cache_clear()
    dataset_patterns.install()
    monkeypatch.setattr(parse.Parser, "__init__", counting)
    return counted


@pytest.fixture(scope="module")
def patterns():
    return [name for name in configuration("base")["catalog"] if "{" in str(name) and not str(name).startswith("_")]


def test_every_pattern_of_the_catalog_finds_the_same_fields(compiled, patterns):
    assert len(patterns) > 20
    for pattern in patterns:
        for name in NAMES:
            own, kedros = catalog_config_resolver.parse(pattern, name), parse.parse(pattern, name)
            assert (own and own.named) == (kedros and kedros.named)


def test_a_catalog_compiles_each_pattern_once_for_all_names(compiled, patterns):
    entries = {pattern: {"type": "MemoryDataset", "metadata": {"names": [pattern] * 3}} for pattern in patterns}
    resolver = CatalogConfigResolver(entries, default_runtime_patterns={"{default}": {"type": "MemoryDataset"}})
    for name in NAMES[:5]:
        resolver.resolve_pattern(name)
    assert sorted(compiled) == sorted(set(compiled))
    assert len(compiled) > 20
