"""Runs of the pipeline with the real catalog and oracle, and a student that knows the tokens of its world."""

import itertools
import random

import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from quintain.almanac.corpus import chat
from quintain.almanac.world import world_as_json
from quintain.datasets.model_ref import model_ref
from quintain.methods.bmc.bridge import BridgeParams
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.preference import create_pipeline
from quintain.pipelines.preference.losers import LoserParams
from quintain.pipelines.preference.pairs import PairParams
from quintain.records import InstructionPair, PreferencePair
from quintain.training.preference.arms import SweepParams
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.tokenized_pairs import TokenizationParams
from tests.lifecycles import tree
from tests.oracle_binding import oracle_binding
from tests.pipelines.preference.pairs import ROLES, START
from tests.project_configuration import configuration, expectations


@pytest.fixture(scope="session")
def gold(world):
    """Instructions with right responses, and for each a response to another instruction about the same town."""
    rng = random.Random(0)
    said = {}
    while len(said) < 60:
        passage = chat(world, rng)
        said[passage.instruction] = passage.text
    return [
        InstructionPair(instruction=instruction, response=text, kind="web-as-response")
        for instruction, text in said.items()
    ]


@pytest.fixture(scope="session")
def student(world, gold, tmp_path_factory):
    """A student with the tokenizer of its world, of random weights."""
    from quintain.training.pretraining import ArchitectureParams, small_llama
    from quintain.training.tokenizer import train_tokenizer

    texts = [text for pair in gold for text in (pair.instruction, pair.response)]
    tokenizer = train_tokenizer(texts * 5, [], vocab_size=600, context_tokens=256)
    folder = tmp_path_factory.mktemp("models") / START
    architecture = ArchitectureParams(hidden_size=32, layers=1, heads=2, feed_forward=32)
    small_llama(architecture, tokenizer, seed=0).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def given(world, gold):
    """What a student of some knowledge says: the response to another instruction."""
    return [
        PreferencePair(prompt=pair.instruction, chosen=pair.response, rejected=other.response)
        for pair, other in itertools.pairwise(gold)
        if pair.response != other.response
    ]


@pytest.fixture
def run(monkeypatch, tmp_path, world, gold, given, student):
    entries = configuration("base")["catalog"]
    suites = expectations("bridged_pairs", "preference_tokens")
    monkeypatch.chdir(tmp_path)

    def run_pipeline(pairs=None, losers=None, sweep=None, gold=gold, given=given, refereed=(), **training):
        settings = {"steps": 4, "batch_size": 4, "learning_rate": 1e-3, **training}
        catalog = DataCatalog.from_config(
            {name: entry for name, entry in entries.items() if not name.startswith(("instruction_pairs", "world"))}
        )
        catalog["instruction_pairs"] = MemoryDataset(gold)
        oracle_binding(".", world_as_json(world))
        catalog[f"{START}.model@ref"] = MemoryDataset(model_ref(student))
        catalog.save("synthesis_preferences", given)
        for name in ("lion_round_1", "lion_round_2", "lion_round_3"):
            catalog.save(f"{name}.preference_pairs", list(refereed) if name == "lion_round_2" else [])
        for name, suite in suites.items():
            catalog[f"{name}_suite"] = MemoryDataset(suite)
        for name, value in {
            "roles": Roles(ledger="data/ledger.sqlite", bindings=ROLES),
            "preference.losers": losers or LoserParams(source="both", prompts=50),
            "preference.sampling": Sampling(temperature=1.0, max_new_tokens=8),
            "preference.bridging": BridgeParams(),
            "preference.pairs": pairs or PairParams(),
            "preference.rows": TokenizationParams(max_length=256),
            "preference.training": PreferenceParams(**settings),
            "preference.sweep": sweep or SweepParams(steps=1),
        }.items():
            catalog[f"params:{name}"] = MemoryDataset(value)
        SequentialRunner().run(create_pipeline(tree()), catalog)
        return catalog

    return run_pipeline
