"""Students of one environment that a run of another one would write over."""

from collections.abc import Iterator
from pathlib import Path

from quintain.data_root import KEY, data_root
from quintain.doctor.finding import Finding, fault, good
from quintain.doctor.plan import Plan
from quintain.environment import LOCAL, versioned_environment

_MADE = (".model@hf", ".model@adopted")
"""Views of a model folder through which a pipeline writes it."""
_OWNER = "06_models/.environment"
"""File below the data folder: the environment whose students lie there."""
_MOST_NAMED = 3


def spared_students(plan: Plan) -> Iterator[Finding]:
    """See that a run trains no student anew where those of another environment lie.

    A run that only measures them, as those of conf/core or conf/ifeval do, may share their folder. Where nobody wrote
    down whose they are, they are those of the versioned environment.
    """
    owner = _owner(plan)
    if plan.environment in (owner, LOCAL):
        return
    kept = _kept(plan)
    if not kept:
        yield good("data", f"no student of {owner} is written over")
        return
    folder = data_root(plan.root, plan.environment).relative_to(plan.root).as_posix()
    named = ", ".join(kept[:_MOST_NAMED]) + (f" and {len(kept) - _MOST_NAMED} more" if len(kept) > _MOST_NAMED else "")
    yield fault(
        "data",
        f"{folder} holds {named} of the environment {owner}, and this run would write over "
        f"{'it' if len(kept) == 1 else 'them'}",
        f"add `{KEY}: {folder}/{plan.environment}` to conf/{plan.environment}/globals.yml, measure alone with "
        f"`--pipelines evaluation`, or remove {folder}/06_models",
    )


def claim_students(plan: Plan) -> None:
    """Write down whose students a run makes, where it is the first to make some there."""
    file = _file(plan)
    if plan.environment == LOCAL or not _outputs(plan):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    if not any(each.is_dir() for each in file.parent.iterdir()):
        file.write_text(f"{plan.environment}\n", encoding="utf-8")


def _owner(plan: Plan) -> str:
    """Environment whose students lie in the folder of a run."""
    if (file := _file(plan)).is_file():
        return file.read_text(encoding="utf-8").strip()
    versioned = versioned_environment(plan.root)
    return versioned if data_root(plan.root, plan.environment) == data_root(plan.root, versioned) else plan.environment


def _file(plan: Plan) -> Path:
    return data_root(plan.root, plan.environment) / _OWNER


def _outputs(plan: Plan) -> list[str]:
    return sorted(name for name in plan.pipeline.all_outputs() if name.endswith(_MADE))


def _kept(plan: Plan) -> list[str]:
    """Students that a run makes and that are there."""
    return [name.partition(".")[0] for name in _outputs(plan) if plan.keeps(name)]
