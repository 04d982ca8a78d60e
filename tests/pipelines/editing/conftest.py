"""Runs of the pipeline with the real catalog and oracle, from a world or a file."""

import random

import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from quintain.almanac.corpus import chat
from quintain.almanac.edits import EditParams
from quintain.almanac.pack import build_pack
from quintain.almanac.users import user_instructions
from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets.model_ref import model_ref
from quintain.methods.lte.alignment_rows import AlignmentRowParams
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.editing import create_pipeline
from quintain.pipelines.editing.evaluation import FluencyParams, TrialParams
from quintain.pipelines.editing.nodes import LabelParams
from quintain.records import InstructionPair
from quintain.statistics.resampling import Resampling
from quintain.training.sft import SftParams
from tests.lifecycles import CHAIN, Asked, tree
from tests.oracle_binding import oracle_binding
from tests.project_configuration import configuration, expectations

START = "bmc"


@pytest.fixture(scope="session")
def narrow_world():
    """A world of so few rivers that free text names a held-out one by chance."""
    return make_world(WorldParams(towns=10, fresh_towns=4, persons=10, rivers=4))


@pytest.fixture(scope="session")
def run(tmp_path_factory, narrow_world, tiny_student):
    """Runs the pipeline in a folder of its own and gives the catalog back."""
    world = narrow_world
    entries = configuration("base")["catalog"]
    suites = expectations("edits", "edit_rows")
    oracle = oracle_binding(tmp_path_factory.mktemp("world"), world_as_json(world))
    rng = random.Random(0)
    chats = [chat(world, rng) for _ in range(20)]
    pairs = [InstructionPair(instruction=one.instruction, response=one.text, kind="web-as-response") for one in chats]

    def run_pipeline(given=None, labels="teacher"):
        catalog = DataCatalog.from_config(
            {name: entry for name, entry in entries.items() if not name.startswith(("instruction_pairs", "world"))}
        )
        catalog["instruction_pairs"] = MemoryDataset(pairs)
        catalog["lion_round_1.cache_pool"] = MemoryDataset(user_instructions(world, 20, tail=1.0, skew=0.0, seed=0))
        catalog["world"] = MemoryDataset(world_as_json(world))
        catalog["almanac.items@benchmark"] = MemoryDataset(Asked(build_pack(world, 10, seed=0)))
        catalog["given_edits"] = MemoryDataset(given)
        catalog[f"{START}.model@ref"] = MemoryDataset(model_ref(tiny_student))
        for name, suite in suites.items():
            catalog[f"{name}_suite"] = MemoryDataset(suite)
        for name, value in {
            "roles": Roles(ledger="data/ledger.sqlite", bindings={"teacher": oracle, "student": {"backend": "local"}}),
            "decontamination": Decontamination(ngram_words=8, item_share=0.8),
            "editing.edits": EditParams(train=40, test=20, test_share=0.2),
            "editing.rows": AlignmentRowParams(free_text=20),
            "editing.embedder": "hashed-ngrams",
            "editing.evaluation.trials": TrialParams(asked=3, sizes=[1, 3], ungated=False),
            "editing.evaluation.sampling": Sampling(max_new_tokens=4),
            "editing.evaluation.fluency": FluencyParams(cases=0),
            "editing.evaluation.resampling": Resampling(replicates=50),
            "editing.labels": LabelParams(by=labels, max_new_tokens=8),
            "editing.sft": SftParams(steps=4, batch_size=4, learning_rate=1e-3, max_length=256),
        }.items():
            catalog[f"params:{name}"] = MemoryDataset(value)
        students = CHAIN if given is None else {**CHAIN, "lte": {**CHAIN["lte"], "on": "given"}}
        pipeline = create_pipeline(tree(students, rounds=1))
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path_factory.mktemp("project"))
            SequentialRunner().run(pipeline, catalog)
            return {
                name: catalog.load(f"lte.{name}")
                for name in ("edit_cases", "edit_rows", "dropped_edit_rows", "training", "learned_edits")
            } | {"memory": catalog.load("lte.edit_memory").resolve()}

    return run_pipeline


@pytest.fixture(scope="session")
def ran(run):
    return run()
