"""Which parts of the package a pipeline's results depend on, read from its import statements."""

import ast
from collections.abc import Iterator
from pathlib import Path

# The wording of an error changes no result; every other module that a pipeline reaches may.
_WITHOUT_EFFECT = {"errors"}

# Its modules join Kedro to one system each and do not build on each other; the folder as a whole would tie every
# pipeline that names one dataset to all of those systems.
_INDEPENDENT = "datasets"


def code_dependencies(package: Path, pipeline: str) -> list[Path]:
    """Files and folders of the package that a pipeline reaches by imports, its own folder included.

    A folder counts as a whole: its modules may load each other, and its prompts, by name.

    Args:
        package: Folder of the package's source.
        pipeline: Name of the pipeline, a folder under `pipelines`.

    Returns:
        Paths below `package`, sorted.
    """
    reached: set[Path] = set()
    ahead = [package / "pipelines" / pipeline]
    while ahead:
        unit = ahead.pop()
        if unit in reached:
            continue
        reached.add(unit)
        for module in _imports(unit, package.name):
            found = _unit(package, module)
            if found is not None:
                ahead.append(found)
    return sorted(reached)


def _imports(unit: Path, root: str) -> Iterator[list[str]]:
    """Modules of the package that a file or the files of a folder import, as parts of their names below the root."""
    for path in sorted(unit.rglob("*.py")) if unit.is_dir() else [unit]:
        for statement in _statements(ast.parse(path.read_bytes(), filename=str(path))):
            for name in _names(statement):
                if name.startswith(f"{root}."):
                    yield name.split(".")[1:]


def _statements(tree: ast.AST, *, for_types: bool = False) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements anywhere in a module, functions included; those for type checkers only where asked for."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            yield from (_statements(ast.Module(child.body, [])) if for_types else ())
        elif isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        else:
            yield from _statements(child, for_types=for_types)


def _names(statement: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    return [f"{statement.module}.{alias.name}" for alias in statement.names]


def _unit(package: Path, module: list[str]) -> Path | None:
    """The file or folder that holds a module; a folder of nothing but packages, such as `methods`, is gone into."""
    at = package
    for i, part in enumerate(module):
        if (at / f"{part}.py").is_file():
            return None if at == package and part in _WITHOUT_EFFECT else at / f"{part}.py"
        if not (at / part).is_dir():
            return None
        at /= part
        if at == package / _INDEPENDENT and module[i + 1 :]:
            return _home(package, at, module[i + 1])
        if not _holds_only_packages(at):
            return at
    return None


def _home(package: Path, folder: Path, name: str) -> Path:
    """The module that a folder's `__init__` offers a name from, lazily or not; the folder where it does not say."""
    if (folder / f"{name}.py").is_file():
        return folder / f"{name}.py"
    for statement in _statements(ast.parse((folder / "__init__.py").read_bytes()), for_types=True):
        for offered in _names(statement):
            module, _, last = offered.removeprefix(f"{package.name}.").rpartition(".")
            if last == name and (found := package.joinpath(*module.split(".")).with_suffix(".py")).is_file():
                return found
    return folder


def _holds_only_packages(folder: Path) -> bool:
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    return not modules and any(folder.glob("*/__init__.py"))
