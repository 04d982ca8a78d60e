"""The real catalog, a random student, the oracle and the real ledger, for the tests of every step."""

import pytest
from kedro.io import DataCatalog, MemoryDataset

from quintain.almanac.pack import build_pack
from quintain.almanac.users import user_instructions
from quintain.almanac.world import world_as_json
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets.model_ref import model_ref
from quintain.models.language_model import Sampling
from quintain.pipelines.distillation import discrimination, generation, imitation
from quintain.training.sft import SftParams
from tests.lifecycles import Asked
from tests.pipelines.distillation.loop import SUITES, configure
from tests.project_configuration import configuration, expectations
from tests.scripted_model import Scripted


@pytest.fixture
def catalog(monkeypatch, tmp_path, world, tiny_student):
    """The real catalog, its files below an empty folder, with 16 instructions to start from and a random student."""
    entries = configuration("base")["catalog"]
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog.from_config(entries)
    catalog.save("seed_instructions", user_instructions(world, 16, tail=1.0, skew=1.0, seed=0))
    catalog.save("world", world_as_json(world))
    catalog["almanac.items@benchmark"] = MemoryDataset(Asked(build_pack(world, 1, seed=0)))
    catalog["params:decontamination"] = MemoryDataset(Decontamination(ngram_words=8, item_share=0.8))
    catalog["webr.model@ref"] = MemoryDataset(model_ref(tiny_student))
    for name, suite in expectations(*SUITES).items():
        catalog[f"{name}_suite"] = MemoryDataset(suite)
    catalog["params:distillation.student"] = MemoryDataset(Sampling(max_new_tokens=12))
    sft = SftParams(steps=2, batch_size=4, learning_rate=1e-3, max_length=256)
    catalog["params:distillation.imitation"] = MemoryDataset(sft)
    configure(catalog)
    return catalog


@pytest.fixture
def played(monkeypatch):
    """Let a scripted model play one role, the oracle the others: `played(referee=…)`."""

    def play(**texts):
        real = imitation.bind

        def bind(role, *given, **named):
            return Scripted(texts[role]) if role in texts else real(role, *given, **named)

        for step in (imitation, discrimination, generation):
            monkeypatch.setattr(step, "bind", bind)

    return play
