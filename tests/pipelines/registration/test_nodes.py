"""A version holds what evaluation found, meets the gate, and speaks in a fresh process."""

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.scoring import make_scorecard
from quintain.datasets.model_ref import model_ref
from quintain.errors import RegistryError
from quintain.models.roles import Roles
from quintain.pipelines.registration.nodes import ask_gate, compare_with_parent, register_student
from quintain.records import ConstraintItem, Judgement
from quintain.registry.datasets import TitleDataset, VersionDataset
from quintain.statistics.resampling import Resampling
from tests.empty_project import empty_project

POLICY = {"benchmarks": {"default": {"margin": 0.05}}, "most_unread": 0.01, "replicates": 200}
ROLES = Roles(ledger="data/ledger.sqlite", bindings={})
SAMPLING = {"temperature": 0.0, "top_p": 1.0, "max_new_tokens": 4, "seed": 0}
FAST = Resampling(replicates=100)
PACK = [
    ConstraintItem(example_id=str(g), category="format", level=level, instruction=f"{g} {level}")
    for g in range(20)
    for level in range(1, 6)
]


class Sums(Benchmark):
    name = "sums"

    def load_items(self):
        return [Item(prompt=f"What is 2 + {n}?") for n in range(20)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(response == "right"))


def judged(passes):
    return [
        Judgement(item_id=i.id, example_id=i.example_id, category=i.category, level=i.level,
                  satisfied=(bool(passes(int(i.example_id), i.level)),) * i.level, by="rule:test")
        for i in PACK
    ]  # fmt: skip


def scored(student, judgements, digest=""):
    benchmark = GivenItems(PACK, name="p", rules="test")
    return make_scorecard(benchmark, judgements, model=student, model_digest=digest, sampling=SAMPLING, resampling=FAST)


def evidence(student, digest, passes):
    judgements = judged(passes)
    sums = Sums()
    answers = [sums.judge(item, "right" if n % 2 else "wrong") for n, item in enumerate(sums.items)]
    other = make_scorecard(sums, answers, model=student, model_digest=digest, sampling=SAMPLING, resampling=FAST)
    return {
        "p.scorecard": scored(student, judgements, digest),
        "p.judgements": judgements,
        "p.scorecard_page": f"<h1>{student}</h1>",
        "p.items": GivenItems(PACK, name="p", rules="test"),
        "sums.scorecard": other,
        "sums.judgements": answers,
        "sums.scorecard_page": "<h1>sums</h1>",
        "sums.items": sums,
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory, mlflow_tables, tiny_student):
    root = empty_project(tmp_path_factory.mktemp("project"))
    shutil.copy(mlflow_tables, root / "mlflow.db")
    for student in ("base", "webr"):
        shutil.copytree(tiny_student, root / f"data/06_models/{student}")
    # The child is the parent after a step of training, which is another digest.
    config = root / "data/06_models/webr/config.json"
    config.write_text(config.read_text().replace("\n}", ',\n  "note": 1\n}'))
    return root


@pytest.fixture(scope="module")
def registered(project):
    """Both students through the nodes and datasets of the pipeline, from another working directory."""

    def register(student, parent, passes, training):
        ref = model_ref(project / f"data/06_models/{student}")
        entry = register_student(ref, training, ROLES, parent, **evidence(student, ref.digest, passes))
        version = VersionDataset(student=student, filepath=str(project / f"data/08_reporting/{student}/v.json"))
        version.save(entry)
        title = TitleDataset(filepath=str(project / f"data/08_reporting/{student}/gate.json"))
        title.save(ask_gate(version.load(), POLICY))
        return version.load(), title.load()

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project / "data")
        patch.delenv("DVC_EXP_NAME", raising=False)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        base = register("base", None, lambda group, level: level < 3, {"source": "owner/tiny", "revision": "c0ffee"})
        # The same number of levels held, another one in half of the groups.
        webr = register("webr", base[0], lambda group, level: level in (1, 2 + group % 2), {"last_loss": 0.5})
    return base, webr


def tags(project, version):
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{project / 'mlflow.db'}").get_model_version("quintain-student", version).tags


def test_the_first_student_becomes_champion_and_the_child_meets_it(registered):
    (base, base_gate), (webr, webr_gate) = registered
    assert (str(base["version"]), str(webr["version"])) == ("1", "2")
    assert (base_gate["decision"]["outcome"], base_gate["moved"]) == ("promoted", True)
    assert webr_gate["champion"] == "1"
    assert list(webr_gate["decision"]["comparisons"]) == ["p", "sums"]


def test_a_child_names_its_parent_and_a_path_from_the_project(registered, project):
    assert tags(project, "2")["parents"] == "1"
    assert tags(project, "2")["dvc.path"] == "data/06_models/webr"


def test_a_model_from_elsewhere_names_its_source(registered, project):
    assert tags(project, "1")["start"] == "from owner/tiny@c0ffee"
    assert "start" not in tags(project, "2")


def test_a_version_carries_the_pages_that_evaluation_wrote(registered, project, tmp_path):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    version = client.get_model_version("quintain-student", "2")
    home = Path(client.download_artifacts(version.run_id, "scorecard", str(tmp_path)))
    assert (home / "p/scorecard.html").read_text() == "<h1>webr</h1>"
    assert (home / "sums/scorecard.html").read_text() == "<h1>sums</h1>"


LOAD = """
import mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
model = mlflow.pyfunc.load_model("models:/quintain-student@challenger")
print(len(model.predict(["Tell me about the town.", "Mayor?"])))
"""


def test_a_registered_student_generates_in_a_fresh_process(registered, project):
    done = subprocess.run([sys.executable, "-c", LOAD], cwd=project, capture_output=True, text=True, check=False)
    assert done.stdout.split()[-1:] == ["2"], done.stderr[-2000:]


def test_other_weights_at_the_place_are_refused(registered, project):
    folder = project / "data/06_models/webr"
    config = folder / "config.json"
    former = config.read_text()
    config.write_text(former.replace('"note": 1', '"note": 2'))
    try:
        done = subprocess.run([sys.executable, "-c", LOAD], cwd=project, capture_output=True, text=True, check=False)
    finally:
        config.write_text(former)
    assert done.returncode == 1
    assert "holds other weights" in done.stderr
    assert "dvc push" in done.stderr


@pytest.mark.parametrize(
    ("passes", "outcome"), [(4, "better"), (3, "not better, not worse"), (2, "worse")], ids=["more", "equal", "fewer"]
)
def test_a_stage_is_told_whether_it_made_its_student_better(passes, outcome, caplog):
    def judgements(most):
        return judged(lambda group, level: level < most + group % 2)

    caplog.set_level("INFO")
    ours, theirs = (scored(name, judgements(most)) for name, most in (("bmc", passes), ("webr", 3)))
    found = compare_with_parent(ours, judgements(passes), theirs, judgements(3), POLICY)
    # One more level of five: 20 points.
    assert found["difference"] == pytest.approx(0.2 * (passes - 3))
    assert (found["over"], found["outcome"], found["items"]) == ("webr", outcome, 100)
    assert f"bmc is {outcome} than webr beyond chance" in caplog.text


def test_an_entry_holds_what_the_nodes_were_given(project):
    ref = model_ref(project / "data/06_models/base")
    entry = register_student(ref, {"steps": 1}, ROLES, {"version": 7}, **evidence("base", ref.digest, lambda *_: True))
    assert (entry.parent, list(entry.measured), entry.digest) == ("7", ["p", "sums"], ref.digest)
    assert entry.tables["sums"].splitlines()[0] == "| model | score | scored |"


def refused(project, why, **changed):
    ref = model_ref(project / "data/06_models/base")
    with pytest.raises(RegistryError, match=why):
        register_student(ref, {}, ROLES, **{**evidence("base", ref.digest, lambda *_: True), **changed})


def test_a_pack_that_was_swapped_since_is_named_with_the_command(project):
    again = r"`kedro run --pipelines evaluation --namespaces base\.p`, then register it"
    others = GivenItems(PACK[:50], name="p", rules="test")
    refused(project, rf"the scorecard of base on p was measured on the pack .*, the project has .*{again}",
            **{"p.items": others})  # fmt: skip
    refused(project, "on p was measured on the rules test, the project has stricter",
            **{"p.items": GivenItems(PACK, name="p", rules="stricter")})  # fmt: skip
    refused(project, "on q was measured on the benchmark p, the project has q",
            **{"p.items": GivenItems(PACK, name="q", rules="test")})  # fmt: skip


def test_judgements_that_count_elsewhere_than_the_benchmark_has_them_are_refused(project):
    moved = judged(lambda *_: True)
    moved[0] = dataclasses.replace(moved[0], id="", category="style")
    refused(project, f"has a judgement of item {PACK[0].id} at another place",
            **{"p.judgements": moved, "p.scorecard": scored("base", moved)})  # fmt: skip


def test_a_number_that_the_benchmarks_own_arithmetic_does_not_give_is_refused(project):
    card = evidence("base", "", lambda *_: True)["sums.scorecard"]
    better = dataclasses.replace(card, measures={"score": dataclasses.replace(card.measures["score"], value=0.9)})
    refused(project, "does not say what its judgements give: the judgements give score 0.5000, the scorecard says 0.9",
            **{"sums.scorecard": better})  # fmt: skip


def test_a_stage_is_not_compared_on_other_terms_or_by_judgements_of_others():
    judgements = judged(lambda group, level: level < 3)
    card = scored("bmc", judgements)
    warm = dataclasses.replace(card, model="webr", sampling={**SAMPLING, "temperature": 1.0})
    with pytest.raises(RegistryError, match="bmc and webr were not measured on the same terms: sampling"):
        compare_with_parent(card, judgements, warm, judgements, POLICY)
    with pytest.raises(RegistryError, match="scorecard and judgements of bmc on p differ: the judgements give HSR"):
        compare_with_parent(card, judged(lambda *_: True), card, judgements, POLICY)
