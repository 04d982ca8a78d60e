"""`benchmarks/evidence/retention.py` on a folder as `make real` leaves it, with a tiny student in every place."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams
from tests.benchmarks.harness.local_tasks import INSTALLED

pytestmark = [INSTALLED, pytest.mark.slow, pytest.mark.timeout(0)]
SCRIPT = Path(__file__).parents[2] / "benchmarks/evidence/retention.py"
MAYOR = Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada Brook")


@pytest.fixture
def project(tmp_path, tiny_student):
    """Base; the same with other weights; and base with a memory beside it."""
    models = tmp_path / "real/data/06_models"
    for name in ("base", "other", "lte"):
        shutil.copytree(tiny_student, models / name)
    weights = load_file(models / "other/model.safetensors")
    mirrored = {name: -tensor if "norm" not in name else tensor for name, tensor in weights.items()}
    save_file(mirrored, models / "other/model.safetensors", {"format": "pt"})
    with EditMemory.open(models / "lte_memory", HashedNgrams()) as memory:
        memory.add([MAYOR])
    bbh, gsm8k = tmp_path / "bbh", tmp_path / "gsm8k"
    bbh.mkdir()
    gsm8k.mkdir()
    snarks = [{"input": f"Which of {n}?\nOptions:\n(A) one\n(B) two", "target": "(B)"} for n in range(4)]
    webs = [{"input": f"Is {n} true?\nOptions:\n- Yes\n- No", "target": "No"} for n in range(4)]
    for name, rows in (("snarks", snarks), ("web_of_lies", webs)):
        (bbh / f"{name}.json").write_text(json.dumps({"examples": rows}))
    sums = [{"question": "Who is mayor of Veldmark?", "answer": "#### 1"}, {"question": "1 + 1?", "answer": "#### 2"}]
    (gsm8k / "test.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in sums))
    return tmp_path


def test_every_student_is_held_against_the_first_and_one_with_a_memory_is_asked_under_it(project):
    found = run(project, "--of-each", "3")
    assert [line[:2] for line in found["rows"]] == [
        ["bbh, base", "6"], ["bbh, other", "6"], ["bbh, lte", "6"],
        ["gsm8k, base", "2"], ["gsm8k, other", "2"], ["gsm8k, lte", "2"],
    ]  # fmt: skip
    # BBH says nothing of Veldmark, and lte has the weights of base.
    assert found["rows"][2][3:] == ["+0.0 [+0.0, +0.0]", "0", "0", "kept"]
    assert found["settings"]["asked with an edit"] == {
        "bbh": {"base": 0, "other": 0, "lte": 0}, "gsm8k": {"base": 0, "other": 0, "lte": 1},
    }  # fmt: skip
    by_task = found["by_task"]["bbh"]["other"]
    assert [(task.rpartition("choices_")[2], each["n_items"]) for task, each in by_task.items()] == [
        ("", 6), ("snarks", 3), ("web_of_lies", 3),
    ]  # fmt: skip
    flipped = {way: sorted(by_task[""][way]) for way in ("lost", "gained")}
    assert [len(flipped["lost"]), len(flipped["gained"])] == [int(cell) for cell in found["rows"][1][4:6]]
    for way, ids in flipped.items():
        assert sorted(each for task, one in by_task.items() if task for each in one[way]) == ids
    # What the work folder holds is not asked again.
    kept = {path: path.stat().st_mtime_ns for path in (project / "work").glob("*.json")}
    assert run(project, "--of-each", "3")["rows"] == found["rows"]
    assert {path: path.stat().st_mtime_ns for path in (project / "work").glob("*.json")} == kept


def run(project, *more):
    done = subprocess.run(
        [
            sys.executable, SCRIPT, "--project", project / "real", "--work", project / "work", "--to",
            project / "table.json", "--bbh", project / "bbh", "--gsm8k", project / "gsm8k", "--new-tokens", "6",
            "--students", "base", "other", "lte", *more,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads((project / "table.json").read_text())
