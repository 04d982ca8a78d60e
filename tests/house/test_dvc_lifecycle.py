"""`dvc repro` runs the lifecycle, a second one does nothing, and a changed parameter reruns only its stages.

The tests share one project and go on from each other: made, committed, pushed, cloned, tried out, changed.
"""

import json
import subprocess
import sys

import pytest
import yaml
from mlflow import MlflowClient

from quintain.cli.new import lay_out
from tests import console
from tests.house.versioned_project import EVERY_KIND, version

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def project(tmp_path_factory, newcomer_env):
    """A project that versions the smoke sizes."""
    project = tmp_path_factory.mktemp("versioned") / "project"
    lay_out(project, environment="smoke")
    (project / "conf/smoke/lifecycle.yml").write_text(EVERY_KIND)
    version(project, newcomer_env)
    return project


@pytest.fixture(scope="module")
def dvc(project, newcomer_env):
    def run(*arguments, cwd=project):
        process = subprocess.run(
            ["dvc", *arguments], cwd=cwd, env=newcomer_env, capture_output=True, text=True, check=False
        )
        assert process.returncode == 0, (process.stdout + process.stderr)[-6000:]
        return process.stdout

    return run


@pytest.fixture
def quintain(project):
    def run(*arguments):
        process = console.quintain(project, *arguments)
        assert process.returncode == 0, (process.stdout + process.stderr)[-6000:]
        return process.stdout

    return run


@pytest.fixture(scope="module")
def reproduced(dvc):
    return dvc("repro")


def test_the_first_repro_runs_every_stage(reproduced):
    for stage in (
        "world",
        "synthesis",
        "finetuning-webr",
        "distillation-lion_round_0",
        "distillation-lion_round_1",
        "distillation-lion",
        "evaluation-base-almanac",
        "evaluation-webr-almanac",
        "registration-register_webr",
    ):
        assert f"Running stage '{stage}'" in reproduced


def test_every_stage_of_the_file_ran_and_the_file_holds_metrics_plots_and_parameters(reproduced, project):
    stages = yaml.safe_load((project / "dvc.yaml").read_text())["stages"]
    assert {stage for stage in stages if f"Running stage '{stage}'" not in reproduced} == set()
    assert all(stages[name]["params"] for name in ("world", "synthesis", "finetuning-webr", "evaluation-webr-almanac"))
    assert "data/08_reporting/webr/almanac/scorecard.json" in str(stages["evaluation-webr-almanac"]["metrics"])
    assert "data/08_reporting/webr/loss_curve.csv" in str(stages["finetuning-webr"]["plots"])


def test_a_second_repro_is_a_no_op(reproduced, dvc):
    assert "Running stage" not in dvc("repro")
    assert "up to date" in dvc("status")


def test_after_a_plain_run_one_command_tells_dvc_what_was_made(reproduced, dvc, project):
    """What `make run` ends with: the outputs of `kedro run` are those of `dvc repro`, and dvc.lock is not there yet."""
    lock = project / "dvc.lock"
    kept = lock.read_text()
    lock.unlink()
    assert "up to date" not in dvc("status")
    dvc("commit", "--force", "--quiet")
    assert "up to date" in dvc("status")
    assert "Running stage" not in dvc("repro")
    assert yaml.safe_load(lock.read_text())["stages"].keys() == yaml.safe_load(kept)["stages"].keys()


def test_metrics_name_every_student(reproduced, dvc):
    shown = dvc("metrics", "show")
    assert "base/almanac/scorecard.json" in shown
    assert "webr/almanac/scorecard.json" in shown


def test_plots_are_drawn_from_the_files_of_the_stages(reproduced, dvc, tmp_path):
    dvc("plots", "show", "-o", str(tmp_path / "plots"))
    assert "loss_curve.csv" in (tmp_path / "plots/index.html").read_text()


@pytest.fixture(scope="module")
def committed(reproduced, dvc, project, tmp_path_factory):
    """The project as its owner leaves it: everything in git, every output in a remote of DVC."""
    # A student of this size fails every item, so that the gate crowns none.
    forced = console.quintain(project, "promote", "1", "--force", "--reason", "a test")
    assert forced.returncode == 0, forced.stderr
    dvc("remote", "add", "--default", "shelf", str(tmp_path_factory.mktemp("shelf")))
    for command in (["add", "--all"], ["commit", "--quiet", "--message", "What the first run made"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    dvc("push")
    return project


def test_a_fresh_clone_pulls_everything_and_has_nothing_to_do(committed, dvc, tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(committed), str(clone)], check=True)
    dvc("pull", cwd=clone)
    assert (clone / "data/06_models/bmc/model.safetensors").is_file()
    assert "Running stage" not in dvc("repro", cwd=clone)
    assert "up to date" in dvc("status", cwd=clone)


LOAD = (
    "import sys, mlflow; mlflow.set_tracking_uri(sys.argv[1]);"
    "models = [mlflow.pyfunc.load_model('models:/quintain-student@' + alias) for alias in sys.argv[2:]];"
    "print(*(len(model.predict(['Describe the town.'])) for model in models))"
)


def load_by_alias(project, cwd, env, *aliases):
    """In a process of its own: the number of responses of each alias to one instruction."""
    registry = f"sqlite:///{project / 'mlflow.db'}"
    done = subprocess.run(
        [sys.executable, "-c", LOAD, registry, *aliases], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or done.stderr


def test_both_aliases_load_in_a_clone_with_nothing_but_remote_and_registry(committed, project, newcomer_env, tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(committed), str(clone)], check=True)
    assert list(clone.rglob("*.safetensors")) == []
    assert load_by_alias(project, clone, newcomer_env, "champion", "challenger") == "1 1"


def test_an_alias_loads_nowhere_near_a_project_once_its_weights_are_kept(
    committed, project, quintain, newcomer_env, tmp_path
):
    assert "RegistryError" in load_by_alias(project, tmp_path, newcomer_env, "challenger")
    registry = f"sqlite:///{project / 'mlflow.db'}"
    aliases = MlflowClient(registry, registry).get_registered_model("quintain-student").aliases
    version = str(aliases["challenger"])
    said = quintain("promote", version, "--with-weights", "--force", "--reason", "a test")
    assert "The registry keeps its weights" in said
    assert "keeps its weights already" in quintain("promote", version, "--with-weights")
    # With its edits: the last student of the chain has a memory.
    assert load_by_alias(project, tmp_path, newcomer_env, "challenger") == "1"


def test_verbs_tell_what_the_registry_holds_and_bring_it_along(committed, quintain, tmp_path):
    listed = quintain("models", "list")
    assert [name for name in ("base", "webr", "lte") if f" {name} " not in listed] == []
    shown = quintain("models", "show", "champion")
    assert "HSR L1" in shown
    assert "models:/quintain-student/" in shown
    tree = quintain("models", "show", "challenger", "--lineage", "--picture", str(tmp_path / "line.svg"))
    assert "data/03_primary/instruction_pairs.jsonl" in tree
    assert (tmp_path / "line.svg").read_text().startswith("<")
    assert str(tmp_path / "pulled/lte") in quintain("models", "pull", "challenger", "--to", str(tmp_path / "pulled"))
    assert (tmp_path / "pulled/lte/model.safetensors").is_file()
    assert "macro" in quintain("leaderboard")


def test_a_card_is_a_folder_that_a_hub_would_take_and_transformers_loads(committed, quintain, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    quintain("models", "card", "champion", "--to", str(tmp_path / "hub"))
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "hub", local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "hub", local_files_only=True)
    asked = tokenizer.apply_chat_template([{"role": "user", "content": "Describe the town."}], return_tensors="pt")
    assert model.generate(asked["input_ids"], max_new_tokens=2).shape[0] == 1
    _, header, text = (tmp_path / "hub/README.md").read_text().split("---\n", 2)
    assert yaml.safe_load(header)["library_name"] == "transformers"
    assert "## " in text


def test_a_row_of_data_is_followed_to_the_students_that_learned_from_it(committed, project, quintain):
    with (project / "data/03_primary/instruction_pairs.jsonl").open() as rows:
        row = json.loads(next(rows))
    said = quintain("lineage", row["id"])
    assert "data/03_primary/instruction_pairs.jsonl" in said
    assert "(webr): trained on 1 of these rows" in said
    assert "(base): did not learn from it" in said


@pytest.mark.parametrize(
    "where", [pytest.param([], id="here"), pytest.param(["--temp"], id="in a temporary copy", marks=pytest.mark.slow)]
)
def test_an_experiment_changes_a_parameter_and_keeps_its_run_in_mlflow(committed, dvc, project, where):
    name = "copied" if where else "direct"
    change = f"conf/smoke/parameters_evaluation.yml:evaluation.resampling.replicates={60 + len(where)}"
    dvc("exp", "run", *where, "--name", name, "--set-param", change, "evaluation-webr-almanac")
    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    home = client.get_experiment_by_name("quintain").experiment_id
    (run,) = client.search_runs([home], f"tags.`dvc.exp` = '{name}' and tags.`dvc.stage` = 'evaluation-webr-almanac'")
    assert (run.info.status, run.data.tags["kedro.pipelines"]) == ("FINISHED", "evaluation")
    assert "webr.almanac/hsr_mean" in run.data.metrics
    assert client.list_artifacts(run.info.run_id, "webr")
    shown = json.loads(dvc("exp", "show", "--json", "--force"))
    assert name in str(shown)
    subprocess.run(["git", "checkout", "--quiet", "."], cwd=project, check=True)
    dvc("checkout")


@pytest.mark.parametrize(
    ("name", "setting", "reruns", "untouched"),
    [
        (
            "evaluation",
            "evaluation.resampling.replicates",
            "evaluation-base-almanac",
            ("world", "synthesis", "finetuning-webr"),
        ),
        (
            "editing_evaluation",
            "editing.evaluation.trials.asked",
            "editing-lte-trials",
            ("preference-bmc", "editing-lte-alignment", "evaluation-lte-almanac"),
        ),
    ],
)
def test_a_changed_parameter_reruns_only_the_stages_that_read_it(
    reproduced, dvc, project, name, setting, reruns, untouched
):
    file = project / f"conf/smoke/parameters_{name}.yml"
    before = file.read_text()
    *groups, last = setting.split(".")
    document = sizes = yaml.safe_load(before)
    for group in groups:
        sizes = sizes[group]
    sizes[last] += 1
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    output = dvc("repro", "--dry")
    file.write_text(before)
    assert f"Running stage '{reruns}'" in output
    assert [stage for stage in untouched if f"Running stage '{stage}'" in output] == []
