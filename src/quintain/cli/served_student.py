"""The student that `quintain serve` and `quintain chat` are asked for: a registered version or a folder."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quintain.cli.opened_memory import opened_memory

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

    from quintain.serving.student import Student


def student_options(function: Callable[..., None]) -> Callable[..., None]:
    """Arguments of commands that open a student."""
    memory = click.option(
        "--memory",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="QUINTAIN_MEMORY",
        help="Edit memory to answer under; its edits come before those of the version. Or set QUINTAIN_MEMORY.",
    )
    embedder = click.option(
        "--embedder",
        default="hashed-ngrams",
        show_default=True,
        envvar="QUINTAIN_EMBEDDER",
        help="What finds edits in --memory, as for `quintain edit`; or set QUINTAIN_EMBEDDER.",
    )
    which = click.argument("which", metavar="[VERSION|ALIAS|FOLDER]", default="champion")
    return which(memory(embedder(function)))


def open_student(which: str, memory: Path | None = None, embedder: str = "hashed-ngrams") -> "Student":
    """Open a student with its memories.

    Args:
        which: Number or alias of a version of the project's registry, or a model folder.
        memory: Folder of a further edit memory.
        embedder: What finds edits in it.

    Returns:
        The student; its sampling is the one that the version was scored with, greedy for a folder.

    Raises:
        RegistryError: There is no such version, or its weights are not on this machine.
        ModelError: The folder holds no model.
        EditError: The folder holds no edit memory.
    """
    from quintain.models.language_model import Sampling
    from quintain.models.local import LocalModel
    from quintain.serving.student import Student

    memories = (opened_memory(memory, embedder=embedder),) if memory else ()
    if Path(which).is_dir() or "/" in which:
        return Student(Path(which).name, LocalModel(which, Sampling()), memories)
    student = _registered(which)
    return replace(student, memories=(*memories, *student.memories))


def _registered(which: str) -> "Student":
    """The student that a version loads, which knows where its weights are."""
    import mlflow
    from mlflow.exceptions import MlflowException

    from quintain.cli.registry_store import project_registry
    from quintain.errors import RegistryError

    project = project_registry()
    version = project.version(which)
    try:
        _refuse_other_pointer(version)
        loaded = mlflow.pyfunc.load_model(f"models:/{project.model_name}/{version.version}")
    except (MlflowException, OSError) as error:
        raise RegistryError(
            f"version {version.version} of {project.model_name} stands in {project.uri}, but what it was registered "
            f"with cannot be loaded: {error}"
        ) from None
    student: Student = vars(loaded.unwrap_python_model())["student"]
    title = f"v{version.version}" if which.removeprefix("v").isdigit() else which
    return replace(student, name=f"{project.model_name}@{title}")


def _refuse_other_pointer(version: "ModelVersion") -> None:
    """Refuse a version whose files point to other weights, or another sampling, than it was measured with."""
    import json

    from mlflow.models import get_model_info

    from quintain.errors import RegistryError

    config = get_model_info(str(version.source)).flavors["python_function"]["config"]
    pointed = {"model.digest": config.get("digest"), "sampling": json.dumps(config.get("sampling"), sort_keys=True)}
    for name, value in pointed.items():
        if version.tags.get(name) != value:
            raise RegistryError(
                f"version {version.version} was registered and measured with {name} {version.tags.get(name)}, but its "
                f"files in the registry say {value}; register its student again with `kedro run --pipelines "
                "registration`"
            )
