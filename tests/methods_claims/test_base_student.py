"""The base student at full size: it knows its facts, reads pages, and finds more constraints harder.

About three minutes of one core. `python -m pytest -m slow tests/methods_claims/test_base_student.py`
"""

import json

import pytest
import yaml

from quintain.benchmarks.almanac import AlmanacBenchmark
from quintain.benchmarks.scoring import make_scorecard
from quintain.datasets import RecordsDataset
from quintain.datasets.model_ref import model_ref
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.evaluation.nodes import generate_responses, judge_responses
from quintain.pipelines.world import nodes
from quintain.statistics.resampling import Resampling

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory, request):
    sizes = yaml.safe_load((request.config.rootpath / "conf/base/parameters_world.yml").read_text())["world"]
    folder = tmp_path_factory.mktemp("base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "SCRATCH", folder / "scratch")
        world = nodes.make_world(nodes.WorldParams(**sizes["world"]))
        architecture = nodes.ArchitectureParams(**sizes["architecture"])
        pretraining = nodes.PretrainingParams(**sizes["pretraining"])
        tokenizer = nodes.train_tokenizer(world, nodes.TokenizerParams(**sizes["tokenizer"]), architecture, pretraining)
        student, _, summary = nodes.pretrain_base(world, tokenizer, architecture, pretraining)
        training = nodes.probe_base(world, student, summary, pretraining)
    model, tokenizer = student
    model.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    pack = nodes.build_pack(world, nodes.AlmanacPackParams(**sizes["pack"]))
    (folder / "world.json").write_text(json.dumps(world))
    RecordsDataset(filepath=str(folder / "pack.jsonl"), record="ConstraintItem").save(pack)
    almanac = AlmanacBenchmark(filepath=str(folder / "pack.jsonl"), world=str(folder / "world.json"))
    return almanac, folder / "base", training


@pytest.fixture(scope="module")
def card(trained):
    almanac, folder, _ = trained
    roles = Roles(ledger=str(folder.parent / "ledger.sqlite"), bindings={"student": {"backend": "local"}})
    responses = generate_responses(almanac, model_ref(folder), Sampling(max_new_tokens=96), {}, roles)
    judgements = judge_responses(almanac, responses)
    return make_scorecard(almanac, judgements, model="base", resampling=Resampling(replicates=500))


def test_facts_are_known_by_heart_and_pages_are_read(trained):
    assert trained[2]["recall"] >= 0.95
    assert trained[2]["reading"] >= 0.8


def test_more_constraints_are_harder(card):
    # measured .84 .72 .59 .51 .44; the standard error of a level is about .04
    hsr = [card.estimate("hsr", level=level).value for level in card.levels]
    assert hsr[0] - hsr[4] > 0.15
    assert hsr[0] > hsr[2] > hsr[4]


def test_patterns_are_followed(card):
    assert card.estimate("hsr_mean", category="example").value > 0.3
