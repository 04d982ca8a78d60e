"""Students enter the registry in the order of descent, and a registered one speaks in a fresh process."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from quintain.benchmarks.satisfaction.scorecard import Pack, make_scorecard, pack_digest
from quintain.datasets.model_ref import model_ref
from quintain.models.roles import Roles
from quintain.pipelines.registration import create_pipeline
from quintain.pipelines.registration.nodes import ask_gate, compare_with_parent, register_student
from quintain.records import ConstraintItem, Judgement
from quintain.statistics.resampling import Resampling

POLICY = {"margin": 0.05, "most_unread": 0.01, "replicates": 200}
ROLES = Roles(ledger="data/ledger.sqlite", bindings={})
SAMPLING = {"temperature": 0.0, "top_p": 1.0, "max_new_tokens": 4, "seed": 0}


@pytest.fixture(scope="module")
def project(tmp_path_factory, tiny_student):
    root = tmp_path_factory.mktemp("project")
    (root / "conf/base").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.kedro]\n")
    (root / "conf/base/tracking.yml").write_text(
        "uri: sqlite:///mlflow.db\nexperiment: quintain\nmodel_name: quintain-student\n"
    )
    for student in ("base", "webr"):
        shutil.copytree(tiny_student, root / f"data/06_models/{student}")
    # The child is the parent after a step of training, which is another digest.
    config = root / "data/06_models/webr/config.json"
    config.write_text(config.read_text().replace("\n}", ',\n  "note": 1\n}'))
    return root


@pytest.fixture
def registered(project, monkeypatch):
    monkeypatch.chdir(project)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    pack = [
        ConstraintItem(example_id=str(g), category="format", level=level, instruction=f"{g} {level}")
        for g in range(20)
        for level in range(1, 6)
    ]
    judgements = [
        Judgement(item_id=i.id, example_id=i.example_id, category=i.category, level=i.level,
                  satisfied=(i.level < 3,) * i.level, by="rule:test")
        for i in pack
    ]  # fmt: skip

    def register(student, parent):
        ref = model_ref(project / f"data/06_models/{student}")
        scorecard = make_scorecard(
            pack, judgements, model=student, model_digest=ref.digest, sampling=SAMPLING,
            pack=Pack(name="p", digest=pack_digest(pack), language="en", rules="test"),
            resampling=Resampling(replicates=100),
        ).as_dict()  # fmt: skip
        registration = register_student(ref, scorecard, judgements, {"last_loss": 0.5, "start": "x"}, parent, ROLES)
        return registration, ask_gate(registration, POLICY)

    base, base_gate = register("base", None)
    return [(base, base_gate), register("webr", base_gate)]


def test_the_first_student_becomes_champion_and_an_equal_child_follows(registered):
    (base, base_gate), (webr, webr_gate) = registered
    assert (str(base["version"]), str(webr["version"])) == ("1", "2")
    assert base_gate["decision"]["outcome"] == "promoted"
    assert webr_gate["champion"] in ("1", "2")  # a second run finds the child champion already


def test_a_child_names_its_parent_and_a_path_from_the_project(registered, project):
    from mlflow import MlflowClient

    tags = MlflowClient(f"sqlite:///{project / 'mlflow.db'}").get_model_version("quintain-student", "2").tags
    assert tags["parents"] == "1"
    assert tags["dvc.path"] == "data/06_models/webr"


def test_a_version_carries_its_scorecard_as_a_page_without_the_text_of_the_items(registered, project, tmp_path):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    version = client.get_model_version("quintain-student", "2")
    page = Path(client.download_artifacts(version.run_id, "scorecard/scorecard.html", str(tmp_path))).read_text()
    assert "<h1>" in page
    assert "quintain scorecard VERSION" in page


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


def test_the_pipeline_registers_children_after_their_parents():
    order = [node.name for node in create_pipeline(rounds=1).nodes if "compare_with_parent" not in node.name]
    assert order == [
        f"register_{student}.{step}"
        for student in ("base", "webr", "round_1", "lion", "bmc", "lte")
        for step in ("register_student", "ask_gate")
    ]


@pytest.mark.parametrize(
    ("passes", "outcome"), [(4, "better"), (3, "not better, not worse"), (2, "worse")], ids=["more", "equal", "fewer"]
)
def test_a_stage_is_told_whether_it_made_its_student_better(passes, outcome, caplog):
    def judgements(most):
        return [
            Judgement(item_id=f"{g} {level}", example_id=str(g), category="format", level=level,
                      satisfied=(level < most + g % 2,) * level, by="rule:test")
            for g in range(20) for level in range(1, 6)
        ]  # fmt: skip

    caplog.set_level("INFO")
    policy = {"margin": 0.05, "most_unread": 0.01, "replicates": 200}
    found = compare_with_parent({"model": "bmc"}, judgements(passes), {"model": "webr"}, judgements(3), policy)
    # One more level of five: 20 points.
    assert found["difference"] == pytest.approx(0.2 * (passes - 3))
    assert (found["over"], found["outcome"], found["items"]) == ("webr", outcome, 100)
    assert f"bmc is {outcome} than webr beyond chance" in caplog.text
