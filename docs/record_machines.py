"""Measure how much the same training differs between machines and thread counts: docs/results/machines.json.

    python docs/record_machines.py PROJECT          # a fresh `quintain new`; a minute or two for each setting

Other machines are other instructions of this one: PyTorch, MKL and oneDNN are told to leave out what an older processor
lacks. Every setting trains the base student from nothing, fine-tunes it, and scores both on the same items. Threads are
those of the fine-tuning: each half of a batch of pre-training has one, whatever OMP_NUM_THREADS says.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import insert_results
import record_run
from safetensors.numpy import load_file

import quintain

_AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
_SSE = {"ATEN_CPU_CAPABILITY": "default", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2", "ONEDNN_MAX_CPU_ISA": "SSE41"}


@dataclass(frozen=True)
class Setting:
    """A machine to be, as far as this one can."""

    variables: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1


SETTINGS = {
    "as it is": Setting(),
    "AVX2 only": Setting(_AVX2),
    "SSE 4 only": Setting(_SSE),
    "2 threads": Setting(threads=2),
}
STUDENTS = ("base", "webr")
TOKENS = 1_300_000
"""Half of what the default run trains on; the facts are known after one million."""


def commands(setting: Setting) -> list[tuple[str, ...]]:
    """Options of `kedro run`, one command after the other."""
    params = f"world.pretraining.tokens={TOKENS},finetuning.sft.threads={setting.threads}"
    return [
        ("--pipelines", "world,synthesis,finetuning", "--params", params),
        ("--pipelines", "evaluation", "--namespaces", ",".join(STUDENTS)),
    ]


_HEADLINE = "hsr_mean"


def trained(project: Path, setting: Setting) -> dict[str, Any]:
    """Run the pipelines from nothing under a setting; what came out, weights as arrays beside it."""
    for folder in (project / "data", project / "scratch"):
        shutil.rmtree(folder, ignore_errors=True)
    variables = {**os.environ, "OMP_NUM_THREADS": str(setting.threads), **setting.variables}
    for options in commands(setting):
        subprocess.run([sys.executable, "-m", "kedro", "run", *options], cwd=project, check=True, env=variables)  # noqa: S603 - fixed commands
    found: dict[str, Any] = {}
    for student in STUDENTS:
        weights = project / f"data/06_models/{student}/model.safetensors"
        card = json.loads((project / f"data/08_reporting/{student}/almanac/scorecard.json").read_bytes())
        found[student] = {
            "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
            "hsr": round(100 * card["measures"][_HEADLINE]["value"], 2),
            "arrays": load_file(weights),
        }
    return found


def distance(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Length of the difference of all weights, as a share of the length of the first ones."""
    apart = sum(float(((one[name] - other[name]).astype("float64") ** 2).sum()) for name in one)
    whole = sum(float((one[name].astype("float64") ** 2).sum()) for name in one)
    return float((apart / whole) ** 0.5)


def main() -> int:
    """Run every setting, write the record, fill the pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("project", type=Path, help="folder of a project that may be written over")
    parser.add_argument("--to", type=Path, default=insert_results.MACHINES, help="file of docs/results")
    chosen = parser.parse_args()
    made: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        made[name] = trained(chosen.project, setting)
    first = next(iter(made.values()))
    record = {
        "version": quintain.__version__,
        "commit": record_run.commit(insert_results.ROOT),
        "date": str(datetime.now(UTC).date()),
        "machine": record_run.machine(),
        "command": "kedro run " + " ".join(commands(Setting())[0]),
        "settings": [
            {
                "setting": name,
                "variables": dict(SETTINGS[name].variables),
                "students": {
                    student: {
                        "sha256": one["sha256"],
                        "hsr": one["hsr"],
                        "distance": distance(first[student]["arrays"], one["arrays"]),
                    }
                    for student, one in students.items()
                },
            }
            for name, students in made.items()
        ],
    }
    chosen.to.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return insert_results.main([])


if __name__ == "__main__":
    sys.exit(main())
