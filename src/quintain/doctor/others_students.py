"""Students of the versioned environment that a run of another one would write over."""

from collections.abc import Iterator

from quintain.data_root import KEY, data_root
from quintain.doctor.finding import Finding, fault, good
from quintain.doctor.plan import Plan
from quintain.environment import LOCAL, versioned_environment

_MADE = (".model@hf", ".model@adopted")
"""Views of a model folder through which a pipeline writes it."""
_MOST_NAMED = 3


def spared_students(plan: Plan) -> Iterator[Finding]:
    """See that a run trains no student anew where those of the versioned environment lie.

    A run that only measures them, as those of conf/core or conf/ifeval do, may share their folder.
    """
    versioned = versioned_environment(plan.root)
    own = data_root(plan.root, plan.environment)
    if plan.environment in (versioned, LOCAL) or own != data_root(plan.root, versioned):
        return
    made = sorted(name for name in plan.pipeline.all_outputs() if name.endswith(_MADE))
    kept = [name.partition(".")[0] for name in made if plan.keeps(name)]
    if not kept:
        yield good("data", f"no student of {versioned} is written over")
        return
    folder = own.relative_to(plan.root).as_posix()
    named = ", ".join(kept[:_MOST_NAMED]) + (f" and {len(kept) - _MOST_NAMED} more" if len(kept) > _MOST_NAMED else "")
    yield fault(
        "data",
        f"{folder} holds {named} of the environment {versioned}, and this run would write over "
        f"{'it' if len(kept) == 1 else 'them'}",
        f"add `{KEY}: {folder}/{plan.environment}` to conf/{plan.environment}/globals.yml, measure alone with "
        f"`--pipelines evaluation`, or remove {folder}/06_models",
    )
