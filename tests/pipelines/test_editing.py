"""From a world or a file to edits, rows, an aligned student and a memory, with the real catalog and oracle."""

import random
from pathlib import Path

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro.validation.type_extractor import TypeExtractor

from quintain.almanac.corpus import chat
from quintain.almanac.edits import EditParams
from quintain.almanac.pack import build_pack
from quintain.almanac.users import user_instructions
from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets.model_ref import model_ref
from quintain.edit_memory import EditMemory
from quintain.errors import QualityError, RecordError
from quintain.methods.lte import HashedNgrams
from quintain.methods.lte.alignment_rows import AlignmentRowParams
from quintain.methods.lte.split import HeldOut
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.editing import create_pipeline
from quintain.pipelines.editing.evaluation import FluencyParams, TrialParams
from quintain.pipelines.editing.nodes import LabelParams
from quintain.records import EditCase, EditProbe, InstructionPair
from quintain.statistics.resampling import Resampling
from quintain.training.sft import SftParams
from tests.lifecycles import CHAIN, Asked, tree
from tests.oracle_binding import oracle_binding
from tests.project_configuration import configuration

REPOSITORY = Path(__file__).parents[2]
START = "bmc"


@pytest.fixture(scope="module")
def world():
    return make_world(WorldParams(towns=10, fresh_towns=4, persons=10, rivers=4))


@pytest.fixture(scope="module")
def run(tmp_path_factory, world, tiny_student):
    """Runs the pipeline in a folder of its own and gives the catalog back."""
    entries = configuration("base")["catalog"]
    suites = {
        name: yaml.safe_load((REPOSITORY / f"conf/base/expectations/{name}.yml").read_text())
        for name in ("edits", "edit_rows")
    }
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


@pytest.fixture(scope="module")
def ran(run):
    return run()


def test_edits_are_drawn_learned_and_remembered(ran):
    assert {row.kind for row in ran["edit_rows"]} == {"in-scope", "out-of-scope", "free-text"}
    training, cases = ran["training"], ran["edit_cases"]
    assert training["steps"] == 4
    assert training["rows"] == len(ran["edit_rows"]) - training["dropped_too_long"] > 0
    with EditMemory.open(ran["memory"], HashedNgrams()) as memory:
        assert len(memory) == len(cases) == 20
        hits = memory.search(cases[0].prompt)
    assert [hit.edit.target_new for hit in hits if hit.passed] == [cases[0].target_new]


def test_no_held_out_subject_stands_in_a_row_about_edits(ran):
    held_out = HeldOut(ran["edit_cases"])
    naming = [row for row in ran["edit_rows"] if held_out.named_in(f"{row.instruction} {row.response}")]
    assert {(row.kind, row.origin.knobs["facts"]) for row in naming} <= {("free-text", "0")}
    # The world is small, so it would not hold without the filter.
    assert "held-out-subject" in {drop.reason for drop in ran["dropped_edit_rows"]}


def given_edits(count):
    """Edits of a file, one of which is spoiled: its target is the former answer."""
    return [
        EditCase(
            id=f"mine:{number}",
            subject=f"Castle {name}",
            prompt=f"The owner of Castle {name} is",
            target_new="Ada Brook" if number else "Bo Cole",
            ground_truth=("Bo Cole",),
            probes=(
                EditProbe(aspect="rephrase", prompt=f"Who owns Castle {name}?", answers=(("Ada Brook",),)),
                EditProbe(aspect="far", prompt=f"How high is Mount {name}?", answers=(("900 m",),)),
            ),
        )
        for number, name in enumerate("Ahr Bex Cam Dol Elm Fyr Gar Hul Ill Jon".split()[:count])
    ]


def test_edits_of_a_file_are_split_by_subject_and_their_faults_left_out(run):
    ran = run(given_edits(10))
    learned, tested = ({case.id for case in ran[name]} for name in ("learned_edits", "edit_cases"))
    # 9 subjects are without fault, and round(0.2 × 9) = 2 of them are kept for the test.
    assert (len(learned), len(tested)) == (7, 2)
    assert "mine:0" not in learned | tested
    labels = {row.response for row in ran["edit_rows"] if row.kind == "in-scope"}
    assert labels == {"Ada Brook", "Bo Cole"}


def test_a_start_student_that_never_ends_a_response_labels_nothing(run):
    with pytest.raises(QualityError, match=r"(?s)dataset edit_rows .*free-text"):
        run(given_edits(10), labels="start")


def test_too_few_edits_are_said(run):
    with pytest.raises(RecordError, match=r"1 edits of 1 subjects cannot be split; name a longer file"):
        run(given_edits(2))


def test_contradicting_edits_never_reach_training(run, monkeypatch):
    monkeypatch.setattr("quintain.pipelines.editing.nodes.without_faults", lambda cases, faults: list(cases))
    with pytest.raises(QualityError, match=r"(?s)dataset edits .*no-op"):
        run(given_edits(10))


def test_kedro_builds_every_parameter_from_its_annotation():
    types = TypeExtractor({"editing": create_pipeline(tree())}).extract_types_from_pipelines()
    assert types == {
        "editing.edits": EditParams,
        "editing.rows": AlignmentRowParams,
        "editing.evaluation.trials": TrialParams,
        "editing.evaluation.sampling": Sampling,
        "editing.evaluation.fluency": FluencyParams,
        "editing.evaluation.resampling": Resampling,
        "editing.labels": LabelParams,
        "editing.sft": SftParams,
        "roles": Roles,
        "decontamination": Decontamination,
    }


@pytest.mark.parametrize("environment", ["base", "smoke", "hub"])
def test_the_settings_of_every_environment_are_valid(environment):
    settings = configuration(environment)["parameters"]["editing"]
    for name, kind in {
        "edits": EditParams,
        "rows": AlignmentRowParams,
        "labels": LabelParams,
        "sft": SftParams,
    }.items():
        kind(**settings[name])
