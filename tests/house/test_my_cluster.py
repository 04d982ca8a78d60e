"""The tutorial for a cluster: its settings are those that the parts take, and all three engines run on one machine."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from kedro.config import OmegaConfigLoader

from quintain.cli.new import lay_out
from quintain.configuration import check_configuration
from quintain.models.roles import Roles
from quintain.settings import CONFIG_LOADER_ARGS
from quintain.training.launcher import require_sensible, world_of
from quintain.web.ingestion_params import IngestionParams

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/tutorials/my-cluster.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'```yaml title="([^"]+)"\n(.*?)```', PAGE, flags=re.DOTALL))
NEW, ROWS, NEW_TRIAL, TRIAL = re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)
SMOKE = ("evaluation", "finetuning", "world")


def shell(folder, commands):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture
def parameters(tmp_path):
    """What a run in the project of the page is told, over the shipped environment."""
    root = tmp_path / "big"
    assert NEW == "quintain new big --env hub\ncd big\n"
    lay_out(root, environment="hub")
    (tmp_path / "big/conf/hub/parameters_cluster.yml").write_text(FILES["big/conf/hub/parameters_cluster.yml"])
    shell(root, ROWS)
    loader = OmegaConfigLoader(str(root / "conf"), env="hub", **CONFIG_LOADER_ARGS)
    check_configuration(loader)
    return loader["parameters"]


def test_every_setting_of_the_cluster_is_one_that_its_part_takes(parameters):
    pages = IngestionParams(**parameters["synthesis"]["ingestion"])
    assert (pages.engine, pages.address, pages.profile) == ("ray", "head.cluster:6379", "quality")
    trainings = [
        parameters["finetuning"]["sft"],
        parameters["distillation"]["imitation"],
        parameters["preference"]["training"],
        parameters["editing"]["sft"],
    ]
    for training in trainings:
        require_sensible(training["launcher"])
        assert world_of(training["launcher"]) == 16
    assert Roles(**parameters["roles"]).bound["student"]["backend"] == "server"


def test_sixteen_processes_learn_from_as_many_rows_a_step_as_one(parameters):
    sft = parameters["finetuning"]["sft"]
    assert sft["batch_size"] * sft["accumulation_steps"] * world_of(sft["launcher"]) == 32 == 4 * 8


def test_the_tests_that_the_page_points_to_are_there():
    named = re.findall(r"`(tests/[\w/]+\.py)`", PAGE)
    assert len(named) == 4
    assert all((REPOSITORY / name).is_file() for name in named)


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="Ray is not installed; it comes with the extra `ray`")
def test_all_three_engines_run_on_one_machine(tmp_path):
    shell(tmp_path, NEW_TRIAL)
    root = tmp_path / "trial"
    for title, text in FILES.items():
        if title.startswith("trial/"):
            (tmp_path / title).parent.mkdir(exist_ok=True)
            (tmp_path / title).write_text(text)
    for name in SMOKE:  # sizes of a look around
        file = root / f"conf/smoke/parameters_{name}.yml"
        file.rename(root / f"conf/trial/{file.name}")
    output = shell(root, TRIAL)
    assert len(list((root / "scratch/ingestion").rglob("*.done"))) > 1  # shards, that Ray handed out
    assert "training in 2 processes, fsdp2" in output
    assert re.search(r"server:quintain:webr@\w+/\w+: starting `quintain serve ", output)
    assert "webr v2" in output
