"""Lion on a student that is good nearly everywhere and has holes: the setting is the one that docs/evidence.md fixes.

The experiment is benchmarks/evidence/holes.py, which prints the table; here it is held to its setting, and to what it
needs to tell anything: a start that does nearly all but the holes, and arms that learn of the holes what they paid for.
About half an hour of one core.
`python -m pytest -m slow tests/methods_claims/test_lion_holes.py`
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import fmean

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4 * 3600)]

REPOSITORY = Path(__file__).parents[2]
ARMS = ("plain", "lion", "labels shuffled", "hard only", "easy only")
SEEDS = range(5)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Folder of the experiment's results."""
    folder = tmp_path_factory.mktemp("holes")
    script = REPOSITORY / "benchmarks/evidence/holes.py"
    command = [sys.executable, str(script), "--work", str(folder), "--to", str(folder / "table.json")]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    return folder


def results(work, arm):
    return [json.loads((work / f"{seed}-{arm.replace(' ', '-')}.json").read_text()) for seed in SEEDS]


def test_the_start_does_nearly_all_but_the_holes(work):
    chosen = json.loads((work / "table.json").read_text())["settings"]
    assert chosen["hard_rate_when_choosing"][f"{chosen['start_tokens']:,}"] <= 0.15
    start = results(work, "start")
    # measured .167, .848 and 0 on the seeds that are reported, which the choice has not seen
    assert fmean(one["hard rate, round 1"] for one in start) < 0.25
    assert fmean(one["other families"] for one in start) > 0.8
    assert fmean(one["holes"] for one in start) < 0.1


def test_whoever_asks_of_holes_learns_of_them(work):
    start = fmean(one["holes"] for one in results(work, "start"))
    assert fmean(one["holes"] for one in results(work, "hard only")) > start


def test_the_referee_sends_labels_to_holes_and_users_do_not(work):
    rows = {arm: fmean(one["rows about holes"] for one in results(work, arm)) for arm in ARMS}
    assert rows["hard only"] > rows["lion"] > rows["labels shuffled"]
    assert rows["plain"] < 0.12 * 300


def test_the_referees_choice_closes_holes(work):
    # measured +.138 [.001, .274] over shuffled labels and +.219 [.033, .404] over plain new instructions
    holes = {arm: fmean(one["holes"] for one in results(work, arm)) for arm in ARMS}
    assert holes["lion"] > holes["labels shuffled"]
    assert holes["lion"] - holes["plain"] > 0.05


def test_every_arm_and_difference_is_told(work):
    table = json.loads((work / "table.json").read_text())
    assert [row[0] for row in table["rows"]][:6] == ["start", *ARMS]
    assert "lion − labels shuffled" in [row[0] for row in table["rows"]]
