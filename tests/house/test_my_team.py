"""The tutorial for a team: its commands by two people, its workflow as a runner does it, against a server and a remote.

Slow, for it trains three students on each of two databases; the comment and the settings of it have tests of their own
that are not (tests/cli/test_promotion_comment.py).
"""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

import quintain
from tests.mlflow_server import mlflow_server
from tests.postgres_server import missing_postgres, postgres_server

PAGE = (Path(__file__).parents[2] / "docs/tutorials/my-team.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'```yaml title="([^"]+)"\n(.*?)```', PAGE, flags=re.DOTALL))
NEW, SHARE, CHANGE = re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)
WORKFLOW = yaml.safe_load(FILES["team/.github/workflows/gate.yml"])
STEPS = {step["name"]: step["run"] for step in WORKFLOW["jobs"]["gate"]["steps"] if "run" in step}
NAME = "quintain-student"
OFTEN, SELDOM = ("Question {}?", "The mayor is kind."), ("Town {}?", "Use a dash list.")
"""Two kinds of questions and what is right: who has learned nothing else says the first to everything."""
RATES = {"0.0002": "0.0005", "0.0004": "0.005"}
"""The page's rates → one at which the tiny model learns the first kind alone, and one at which it learns both."""
SMALL = {
    "learning_rate: 0.0002": f"learning_rate: {RATES['0.0002']}",
    "steps: 500": "steps: 150",
    "accumulation_steps: 8": "accumulation_steps: 1",
    "max_length: 4096": "max_length: 128",
}
"""A training of seconds."""
RESULTS = "dvc repro && git commit --quiet --all -m Results && dvc push --quiet"
"""What the page says to whoever computes a change before the push."""
PULL_REQUEST = """\
#!/bin/sh
# What stands in for GitHub's own command: it keeps the comment where the test looks.
while [ $# -gt 0 ]; do [ "$1" = --body-file ] && cp "$2" "$COMMENT"; shift; done
"""


def test_the_workflow_installs_this_version():
    assert f'"quintain=={quintain.__version__}"' in STEPS["Install"]


class Team:
    """The server, the remote, the repository and the folders of those who work in it."""

    def __init__(self, folder: Path, server: str, student: Path) -> None:
        self.folder, self.server, self.student = folder, server, student
        tools = folder / "bin"
        tools.mkdir()
        (tools / "gh").write_text(PULL_REQUEST)
        (tools / "gh").chmod(0o755)
        given = [
            {"instruction": asked.format(i), "response": right}
            for (asked, right), rows in ((OFTEN, 40), (SELDOM, 20))
            for i in range(rows)
        ]
        (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
        items = [
            {"prompt": asked.format(i), "answer": right} for asked, right in (OFTEN, SELDOM) for i in range(40, 60)
        ]
        (folder / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in items))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "GIT_"))},
            "PATH": f"{tools}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder), "OMP_NUM_THREADS": "1", "COMMENT": str(folder / "comment.md"),
            "MODEL": str(student), "PAIRS": str(folder / "pairs.jsonl"), "ITEMS": str(folder / "items.jsonl"),
            "STUDENT": "tuned", "NUMBER": "7", "GITHUB_REPOSITORY": "team/project",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@localhost",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@localhost",
        }  # fmt: skip

    def run(self, place: Path, commands: str, code: int = 0, **more: str) -> str:
        """Commands of the page, with the addresses of this team."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.ours(commands)],
            cwd=place, env=self.environment | more, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{commands}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done.stdout + done.stderr

    def ours(self, text: str) -> str:
        """The page's addresses and rates, as they are here."""
        for shown, here in {
            "http://mlflow.team:5000": self.server,
            "s3://team-dvc": str(self.folder / "dvc"),
            "git@github.com:team/project.git": str(self.folder / "origin.git"),
            **{f"learning_rate: {shown}/": f"learning_rate: {here}/" for shown, here in RATES.items()},
        }.items():
            text = text.replace(shown, here)
        return text

    def clone(self, name: str, branch: str = "") -> Path:
        """A folder of its own for a person, or for a runner."""
        chosen = f"--branch {branch} " if branch else ""
        self.run(self.folder, f"git clone --quiet {chosen}origin.git {name}")
        return self.folder / name

    def workflow(self, place: Path, code: int, only_ask: str) -> str:
        """The steps of the workflow where all is computed already; the comment that it writes."""
        self.run(place, STEPS["Fetch what somebody has computed"])
        computed = self.run(place, STEPS["Compute the rest"])
        assert not re.search(r"Running stage '(finetuning|evaluation)", computed), computed
        self.run(place, STEPS["Keep it"])
        self.run(place, STEPS["Ask the gate"], code, ONLY_ASK=only_ask)
        self.run(place, STEPS["Say what it thinks"])
        return (self.folder / "comment.md").read_text()

    def titles(self) -> dict[str, str]:
        aliases = MlflowClient(self.server, self.server).get_registered_model(NAME).aliases
        return {alias: str(number) for alias, number in aliases.items()}


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """Address of the server's database; empty for its own file."""
    if kind == "SQLite":
        yield ""
    elif reason := missing_postgres():
        pytest.skip(reason)
    else:
        with postgres_server() as address:
            yield address


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def team(request, tmp_path_factory, tiny_student):
    folder = tmp_path_factory.mktemp("team")
    with database(request.param) as tables, mlflow_server(folder / "server", tables) as address:
        team = Team(folder, address, tiny_student)
        team.run(folder, "git init --quiet --bare --initial-branch main origin.git")
        yield team


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_two_people_and_a_runner_share_a_registry_and_a_store(team):
    team.run(team.folder, NEW)
    project = team.folder / "team"
    for title, text in FILES.items():
        (team.folder / title).parent.mkdir(parents=True, exist_ok=True)
        (team.folder / title).write_text(team.ours(text))
    training = project / "conf/hub/parameters_finetuning.yml"
    for shown, small in SMALL.items():
        assert shown in training.read_text()
        training.write_text(training.read_text().replace(shown, small))
    (project / "conf/hub/parameters_small.yml").write_text("given: {near_duplicates: null}\n")
    sampling = project / "conf/hub/parameters_evaluation.yml"
    sampling.write_text(sampling.read_text().replace("max_new_tokens: 1024", "max_new_tokens: 12"))
    team.run(project, SHARE)
    first = json.loads((project / "data/08_reporting/tuned/registration.json").read_text())["version"]
    assert team.titles()["champion"] == first

    # Two people change something at once, and compute it on their own machines.
    bo = team.clone("bo")
    team.run(bo, "dvc pull --quiet --allow-missing")
    *branch, push, _ = CHANGE.strip().split("\n")
    team.run(project, "\n".join(branch))
    team.run(bo, "\n".join(branch).replace("faster", "slower").replace("0.0004/", "0.0001/"))
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda place: team.run(place, RESULTS), (project, bo)))
    for place in (project, bo):
        team.run(place, "git push --quiet --set-upstream origin HEAD")
    assert push.startswith("git push")
    client = MlflowClient(team.server, team.server)
    digests = {one.version: one.tags["model.digest"] for one in client.search_model_versions(f"name = '{NAME}'")}
    assert len(digests) == len(set(digests.values())) == 4  # base, and tuned three times
    assert team.titles()["champion"] == first

    # The runner finds all computed, and trains nothing.
    worse = team.workflow(team.clone("ci-slower", "slower"), 3, "--dry-run")
    assert re.match(r"### tuned v\d: (inconclusive|refused), over tuned v\d\n", worse)
    runner = team.clone("ci-faster", "faster")
    better = team.workflow(runner, 0, "--dry-run")
    version = json.loads((runner / "data/08_reporting/tuned/registration.json").read_text())["version"]
    assert better.startswith(f"### tuned v{version}: promoted, over tuned v{first}\n")
    assert f"{team.server}/#/models/{NAME}/versions/{version}" in better
    assert "100.0" in better
    assert team.titles()["champion"] == first

    merged = team.workflow(runner, 0, "")
    assert "It is champion now." in merged
    assert team.titles()["champion"] == version

    # Anybody takes it back, and fetches who is champion.
    assert f"Version {first} is champion again" in team.run(bo, "quintain rollback")
    team.run(bo, "quintain rollback && quintain models pull champion --to fetched")
    assert team.titles()["champion"] == version
    assert list((bo / "fetched").rglob("*.safetensors"))
