"""The base student at full size: it knows its facts, reads pages, and finds more constraints harder.

About three minutes of one core. `python -m pytest -m slow tests/methods_claims/test_base_student.py`
"""

import pytest
import yaml

from quintain.benchmarks.satisfaction.scorecard import Pack, make_scorecard, pack_digest
from quintain.datasets.model_ref import model_ref
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles
from quintain.pipelines.evaluation.nodes import PackParams as EvaluationPack
from quintain.pipelines.evaluation.nodes import generate_responses, judge_by_rules
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
        (model, tokenizer), _, summary = nodes.pretrain_base(world, tokenizer, architecture, pretraining)
    model.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    pack = nodes.build_pack(world, nodes.AlmanacPackParams(**sizes["pack"]))
    return world, pack, folder / "base", summary


@pytest.fixture(scope="module")
def macro(trained):
    world, pack, folder, _ = trained
    ledger = Roles(ledger=str(folder.parent / "ledger.sqlite"))
    responses = generate_responses(pack, model_ref(folder), Sampling(max_new_tokens=96), ledger)
    rules = EvaluationPack(name="almanac", language="en", rules="almanac")
    judgements = judge_by_rules(pack, responses, world, rules)
    return make_scorecard(
        pack,
        judgements,
        model="base",
        model_digest="",
        pack=Pack(name="almanac", digest=pack_digest(pack), language="en", rules="almanac"),
        sampling={},
        resampling=Resampling(replicates=500),
    )


def test_facts_are_known_by_heart_and_pages_are_read(trained):
    assert trained[3]["recall"] >= 0.95
    assert trained[3]["reading"] >= 0.8


def test_more_constraints_are_harder(macro):
    # measured .84 .72 .59 .51 .44; the standard error of a level is about .04
    assert macro.macro.hsr[0] - macro.macro.hsr[4] > 0.15
    assert macro.macro.hsr[0] > macro.macro.hsr[2] > macro.macro.hsr[4]


def test_patterns_are_followed(macro):
    assert macro.categories["example"].hsr_mean > 0.3
