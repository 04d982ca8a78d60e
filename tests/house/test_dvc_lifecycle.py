"""`dvc repro` runs the lifecycle, a second one does nothing, and a changed parameter reruns only its stages."""

import subprocess
import sys

import pytest
import yaml

pytestmark = pytest.mark.timeout(900)

QUINTAIN = [sys.executable, "-m", "quintain"]


def merged(base, override):
    """Deep-merge two YAML documents, as Kedro merges an environment over base."""
    if not isinstance(base, dict) or not isinstance(override, dict):
        return override
    return {**base, **{key: merged(base.get(key), value) for key, value in override.items()}}


@pytest.fixture(scope="module")
def project(tmp_path_factory, newcomer_env):
    """A project whose base configuration has the smoke sizes, since DVC stages pin `--env base`."""
    project = tmp_path_factory.mktemp("versioned") / "project"
    subprocess.run([*QUINTAIN, "new", str(project)], check=True, capture_output=True)
    for smoke in (project / "conf/smoke").glob("parameters_*.yml"):
        base = project / "conf/base" / smoke.name
        sizes = merged(yaml.safe_load(base.read_text()), yaml.safe_load(smoke.read_text()))
        base.write_text(yaml.safe_dump(sizes, sort_keys=False))
    # another number of rounds is another set of stages
    subprocess.run([*QUINTAIN, "dvc-sync"], cwd=project, check=True, capture_output=True)
    for command in (
        ["config", "user.email", "tests@quintain.invalid"],
        ["config", "user.name", "tests"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", "A project with smoke sizes"],
    ):
        subprocess.run(["git", *command], cwd=project, check=True)
    return project


@pytest.fixture(scope="module")
def dvc(project, newcomer_env):
    def run(*arguments):
        process = subprocess.run(
            ["dvc", *arguments], cwd=project, env=newcomer_env, capture_output=True, text=True, check=False
        )
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
        "distillation-round_0",
        "distillation-round_1",
        "distillation-lion",
        "evaluation-base",
        "evaluation-webr",
        "registration-webr",
    ):
        assert f"Running stage '{stage}'" in reproduced


def test_a_second_repro_is_a_no_op(reproduced, dvc):
    assert "Running stage" not in dvc("repro")
    assert "up to date" in dvc("status")


def test_a_changed_parameter_reruns_only_the_stages_that_read_it(reproduced, dvc, project):
    file = project / "conf/base/parameters_evaluation.yml"
    sizes = yaml.safe_load(file.read_text())
    sizes["evaluation"]["resampling"]["replicates"] += 10
    file.write_text(yaml.safe_dump(sizes, sort_keys=False))
    output = dvc("repro", "--dry")
    assert "Running stage 'evaluation-base'" in output
    for untouched in ("world", "synthesis", "finetuning-webr"):
        assert f"Running stage '{untouched}'" not in output


def test_metrics_name_every_student(reproduced, dvc):
    shown = dvc("metrics", "show")
    assert "base/scorecard.json" in shown
    assert "webr/scorecard.json" in shown
