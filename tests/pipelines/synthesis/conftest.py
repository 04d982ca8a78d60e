"""The real catalog with pages of the almanac, the oracle and the real ledger."""

from typing import NamedTuple

import pytest
from kedro.io import DataCatalog, MemoryDataset

from quintain.almanac.pack import build_pack
from quintain.almanac.pages import web_pages
from quintain.almanac.world import world_as_json
from quintain.benchmarks.decontamination import Decontamination
from quintain.methods.webr import WebrParams
from quintain.models.roles import Roles
from quintain.pipelines.synthesis import nodes
from quintain.web import IngestionParams, PageLimits
from tests.pipelines.synthesis.pages_to_pairs import ORACLE
from tests.project_configuration import configuration, expectations


class Parameters(NamedTuple):
    """Settings of conf/base."""

    extraction: PageLimits
    ingestion: IngestionParams
    method: WebrParams
    decontamination: Decontamination


@pytest.fixture(scope="session")
def parameters():
    given = configuration("base")["parameters"]
    synthesis = given["synthesis"]
    return Parameters(
        PageLimits(**synthesis["extraction"]),
        IngestionParams(**synthesis["ingestion"]),
        WebrParams(**synthesis["method"]),
        Decontamination(**given["decontamination"]),
    )


@pytest.fixture(scope="session")
def suites():
    return expectations(
        "pages", "dropped_pages", "drafts", "instruction_pairs", "dropped_pairs", "synthesis_preferences"
    )


@pytest.fixture
def catalog(monkeypatch, tmp_path, world, parameters, suites):
    """The real catalog, its files below an empty folder, with 120 pages of the almanac."""
    entries = configuration("base")["catalog"]
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog.from_config(entries)
    catalog.save("raw_pages", web_pages(world, count=120, fresh_share=0.3, seed=0))
    catalog.save("world", world_as_json(world))
    for name, suite in suites.items():
        catalog[f"{name}_suite"] = MemoryDataset(suite)
    catalog["params:synthesis.extraction"] = MemoryDataset(parameters.extraction)
    catalog["params:synthesis.ingestion"] = MemoryDataset(parameters.ingestion)
    catalog["params:synthesis.method"] = MemoryDataset(parameters.method)
    catalog["params:decontamination"] = MemoryDataset(parameters.decontamination)
    catalog["params:roles"] = MemoryDataset(Roles(ledger="data/ledger.sqlite", bindings=ORACLE))
    catalog.save("almanac.items@records", build_pack(world, groups_per_category=2, seed=99))
    return catalog


@pytest.fixture
def played(monkeypatch):
    """Let scripted models play the roles: `played(author=…, teacher=…)`."""

    def play(**models):
        monkeypatch.setattr(nodes, "bind", lambda role, *_, **__: models[role])

    return play
