"""conf/smollm2 at a smoke size, in a project whose model is the real one: so small that nothing is learned."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.real_student import real_student

ENVIRONMENT = "smollm2"
STUDENTS = ["base", "sft", "lion_round_1", "lion", "bmc", "lte"]
SMALL: dict[str, Any] = {
    "packs.exercises": {"pairs": 12, "seeds": 6, "prompts": 12},
    "packs.edits": {"size": 6},
    "finetuning.sft": {"steps": 1, "accumulation_steps": 1},
    "distillation.method": {"per_round": 2, "probe_size": 4, "controls": 2, "hard_floor": 0.0},
    "distillation.student": {"max_new_tokens": 16},
    "distillation.imitation": {"steps": 1, "accumulation_steps": 1},
    "preference.losers": {"prompts": 12},
    "preference.sampling": {"max_new_tokens": 32},
    "preference.pairs": {"fewest_prompts": 2, "held_out": 0.5},
    "preference.training": {"steps": 1, "accumulation_steps": 1},
    "editing.edits": {"train": 3, "test": 3},
    "editing.rows": {"free_text": 1},
    "editing.sft": {"steps": 1, "accumulation_steps": 1},
    "editing.evaluation.trials": {"asked": 1, "sizes": [1]},
    "editing.evaluation.sampling": {"max_new_tokens": 8},
    "editing.evaluation.fluency": {"cases": 0},
    "editing.evaluation.resampling": {"replicates": 50},
    "evaluation.resampling": {"replicates": 50},
    "evaluation.by_benchmark.starter.sampling": {"max_new_tokens": 8},
    "evaluation.by_benchmark.core.sampling": {"max_new_tokens": 8},
}


def make_small(project: Path) -> None:
    """Write the small sizes over those of the environment, each in the file that sets the group there."""
    conf = project / "conf" / ENVIRONMENT
    globals_file = conf / "globals.yml"
    globals_file.write_text(
        globals_file.read_text()
        .replace("most_groups: null", "most_groups: 1")
        .replace("core_groups: 8", "core_groups: 1")
    )
    files = {file: yaml.safe_load(file.read_text()) for file in conf.glob("parameters_*.yml")}
    files[conf / "parameters_small.yml"] = {}
    for group, values in SMALL.items():
        path = group.split(".")
        for name, value in values.items():
            owners = [file for file, content in files.items() if holds(content, [*path, name])]
            at = files[owners[0] if owners else conf / "parameters_small.yml"]
            for part in path:
                at = at.setdefault(part, {})
            at[name] = value
    for file, content in files.items():
        file.write_text(yaml.safe_dump(content))


def holds(content: Any, path: list[str]) -> bool:
    for part in path:
        if not isinstance(content, dict) or part not in content:
            return False
        content = content[part]
    return True


def bring_model(project: Path) -> None:
    """Put the model where the environment looks for it; an import finds that it is there, and asks nobody."""
    model = real_student()
    (project / "models").mkdir()
    (project / "models/smollm2").symlink_to(model)


def users_shell(env: Mapping[str, str]) -> dict[str, str]:
    """A newcomer's environment on one thread, free to compute as this processor likes it best.

    Nothing is compared to the letter here, so bfloat16 may be used where the processor has it.
    """
    return {name: value for name, value in env.items() if name != "ATEN_CPU_CAPABILITY"} | {"OMP_NUM_THREADS": "1"}
