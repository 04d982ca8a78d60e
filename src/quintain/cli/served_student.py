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
        help="Edit memory to answer under, before the student's own one. Or set QUINTAIN_MEMORY.",
    )
    embedder = click.option(
        "--embedder",
        default="hashed-ngrams",
        show_default=True,
        envvar="QUINTAIN_EMBEDDER",
        help="What finds edits, as for `quintain edit`; a version knows its own. Or set QUINTAIN_EMBEDDER.",
    )
    which = click.argument("which", metavar="[VERSION|ALIAS|FOLDER]", default="champion")
    return which(memory(embedder(function)))


def open_student(which: str, memory: Path | None = None, embedder: str = "hashed-ngrams") -> "Student":
    """Open a student with its memories, and say which it answers under.

    Args:
        which: Number or alias of a version of the project's registry, or a model folder.
        memory: Folder of a further edit memory, which comes before the student's own.
        embedder: What finds edits in it, and in the memory of a folder.

    Returns:
        The student; its sampling is the one that the version was scored with, greedy for a folder.

    Raises:
        RegistryError: There is no such version, or its weights are not on this machine.
        ModelError: The folder holds no model.
        EditError: The folder holds no edit memory.
    """
    from quintain.edit_memory.own_memory import said_of

    further = (opened_memory(memory, embedder=embedder),) if memory else ()
    student = _in_folder(which, embedder) if Path(which).is_dir() or "/" in which else _registered(which)
    own = [each for each in student.memories if memory is None or each.folder.resolve() != memory.resolve()]
    for each in own:
        click.echo(said_of(student.name, each), err=True)
    return replace(student, memories=(*further, *own))


def _in_folder(which: str, embedder: str) -> "Student":
    """The student of a model folder, with the memory beside it."""
    from quintain.edit_memory.own_memory import own_memory
    from quintain.models.language_model import Sampling
    from quintain.models.local import LocalModel
    from quintain.serving.student import Student

    own = own_memory(which)
    memories = (opened_memory(own.folder, embedder=embedder),) if own else ()
    return Student(Path(which).name, LocalModel(which, Sampling()), memories)


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
