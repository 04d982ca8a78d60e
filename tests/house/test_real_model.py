"""docs/tutorials/real-model.md and `make real`: a pretrained model through the whole lifecycle, at a smoke size.

The model is the one that the page names, imported once into a cache outside of the checkout; where the package registry
cannot be reached these tests are skipped. Sizes are small enough that nothing is learned: scores are not looked at.
"""

import itertools
import json
import os
import random
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from quintain.models.folder import folder_digest
from tests.real_student import PACKAGE
from tests.small_smollm2 import STUDENTS, bring_model, make_small, users_shell

pytestmark = [pytest.mark.timeout(1500), pytest.mark.slow]

_NODE = re.compile(r"\[ *(?P<number>\d+)/(?P<all>\d+)\] .* started")
REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/tutorials/real-model.md").read_text(encoding="utf-8")


def commands() -> Iterator[str]:
    for block in re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL):
        yield from block.strip().split("\n")


@pytest.fixture(scope="module")
def walked(tmp_path_factory, newcomer_env) -> tuple[Path, str]:
    """The project after every command of the page, and all that they printed."""
    folder = tmp_path_factory.mktemp("walk")
    at, output = folder, ""
    for command in commands():
        if command.startswith("cd "):
            at /= command.removeprefix("cd ")
            make_small(at)
            continue
        if command.startswith("quintain models import"):
            bring_model(at)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=at,
            env=users_shell(newcomer_env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        output += f"$ {command}\n{done.stdout}{done.stderr}"
        assert done.returncode == 0, output[-6000:]
    return at, output


def reported(project: Path, *path: str) -> dict[str, Any]:
    return json.loads(project.joinpath("data/08_reporting", *path).read_text())


def test_the_page_imports_the_model_that_make_real_pins():
    assert f"quintain models import {PACKAGE} " in PAGE


def test_every_student_is_made_from_the_one_before_it_and_registered(walked):
    project, _ = walked
    digests = {name: folder_digest(project / "data/06_models" / name) for name in STUDENTS}
    for before, after in itertools.pairwise(STUDENTS):
        assert reported(project, after, "training.json")["start_digest"] == digests[before]
    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    versions = client.search_model_versions("name = 'quintain-student'")
    assert [each.tags["student"] for each in sorted(versions, key=lambda each: int(each.version))] == STUDENTS


def test_each_is_an_adapter_of_the_imported_model(walked):
    project, _ = walked
    base = folder_digest(project / "models/smollm2")
    for name in STUDENTS[1:]:
        assert json.loads((project / f"data/06_models/{name}/base_model.json").read_text())["digest"] == base


def test_all_are_scored_on_starter_and_the_first_and_last_on_core(walked):
    project, _ = walked
    for name in STUDENTS:
        card = reported(project, name, "starter", "scorecard.json")
        assert card["n_scored"] == card["n_items"] == 1 * 6 * 5  # groups × categories × levels
        assert (project / f"data/08_reporting/{name}/core/scorecard.json").is_file() is (name in ("base", "lte"))
        assert reported(project, name, "gate.json")["decision"]["outcome"] in ("inconclusive", "refused")


def test_preferences_are_the_students_own_responses_mended(walked):
    project, _ = walked
    pairs = [
        json.loads(line) for line in (project / "data/03_primary/bmc/bridged_pairs.jsonl").read_text().splitlines()
    ]
    assert pairs
    assert {pair["chosen_source"] for pair in pairs} == {"bridged"}
    assert all(pair["origin"]["model"].startswith("oracle:packs@") for pair in pairs)
    assert all(pair["chosen"] != pair["rejected"] for pair in pairs)


def test_edits_of_unseen_subjects_are_served_from_a_memory(walked):
    project, _ = walked
    metrics = reported(project, "lte", "edit_metrics.json")
    assert metrics["fluency"] == {}
    assert (project / "data/06_models/lte_memory/log.sqlite").is_file()


def test_six_groups_of_items_make_no_champion(walked):
    project, output = walked
    assert "challenger" in output.rpartition("$ quintain leaderboard")[2]
    assert "only 6 groups of items" in json.dumps(reported(project, "base", "gate.json"))


def test_a_second_run_makes_what_was_lost_and_nothing_else(walked, newcomer_env):
    project, _ = walked
    page = project / "data/08_reporting/bmc/starter/scorecard.html"
    page.unlink()
    command = ["kedro", "run", "--env", "smollm2", "--only-missing-outputs"]
    mended = subprocess.run(command, cwd=project, env=newcomer_env, capture_output=True, text=True, check=True)
    assert page.is_file()
    assert len(_NODE.findall(mended.stdout + mended.stderr)) == 1


def test_nothing_half_written_is_left(walked):
    project, _ = walked
    assert list((project / "data").rglob("*.tmp*")) == []


# --- `make real`, killed ---------------------------------------------------------------------------------------------

MAKE_REAL = ["make", "--no-print-directory", "--old-file", ".venv/.installed", "real"]
INSTALLED = pytest.mark.skipif(
    not (REPOSITORY / ".venv/bin/kedro").exists(), reason="`make real` runs what .venv holds, and there is none here"
)


def make_real(project: Path, env: dict[str, str], *, kill_after: float = 1.0) -> str:
    """What `make real` printed, killed with all that it started once this share of the run's nodes has begun."""
    run = subprocess.Popen(
        [*MAKE_REAL, f"REAL={project}"],
        cwd=REPOSITORY,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said, family = "", False
    for line in run.stdout:
        said += line
        family = family or "BranchRunner" in line  # a short run draws the rows before it
        node = _NODE.search(line)
        if family and node and int(node["number"]) > kill_after * int(node["all"]):
            os.killpg(run.pid, signal.SIGKILL)
            break
    run.stdout.close()
    assert run.wait() == (0 if kill_after == 1 else -signal.SIGKILL), said[-6000:]
    return said


def leaderboard(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("|")]


@INSTALLED
@pytest.mark.slow  # the family a second time, and twice a part of it
def test_a_make_real_that_is_killed_twice_goes_on_to_the_same_students_and_table(walked, tmp_path, newcomer_env):
    calm, output = walked
    project = tmp_path / "real"
    ours = ("ATEN_CPU_CAPABILITY", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # of the suite, and of the make that runs it
    env = {name: value for name, value in newcomer_env.items() if name not in ours}
    subprocess.run(["quintain", "new", project, "--env", "smollm2"], env=env, check=True, capture_output=True)
    make_small(project)
    bring_model(project)
    moment = random.Random(18)
    for _ in range(2):
        make_real(project, env, kill_after=moment.uniform(0.02, 0.9))
    whole = make_real(project, env)
    digests = [[folder_digest(each / "data/06_models" / name) for name in STUDENTS] for each in (calm, project)]
    assert digests[0] == digests[1]
    printed = output.rpartition("$ quintain leaderboard")[2].partition("\n$ ")[0]
    assert leaderboard(whole) == leaderboard(printed)
    again = make_real(project, env)
    assert "kedro run" not in again
    assert leaderboard(again) == leaderboard(whole)
