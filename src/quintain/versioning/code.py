"""The code that a stage runs: the modules that its functions reach by imports, and the files that those read."""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from quintain.versioning.imports import EVERYTHING, Imports, Use, imports_of

# The wording of an error changes no result; every other module that a stage reaches may.
_WITHOUT_EFFECT = "errors.py"


class Sources:
    """The source of a package, each file read once.

    Args:
        package: Its folder.
    """

    def __init__(self, package: Path) -> None:
        self._package = package
        self._files = {
            path.relative_to(package).as_posix()
            for path in package.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        self._imports: dict[tuple[str, tuple[str, ...]], Imports] = {}
        self._steps: dict[Use, tuple[list[str], list[Use]]] = {}
        self._behind: dict[frozenset[Use], set[str]] = {}

    def behind(self, uses: Iterable[Use]) -> set[str]:
        """Find the files that modules reach by imports, themselves among them.

        Imports inside functions count, those for type checkers do not. Importing `a.b` runs `a/__init__` first, so
        the packages above a module count too, save those of pipelines: they join nodes together and lead to all the
        others. Where an `__init__` offers names lazily (`__getattr__`), a name counts as the module that it comes
        from. A module that looks for files beside itself (`__file__`) brings those that are no Python along.

        Args:
            uses: Modules, or names of modules, to start from; those of other packages are passed over.

        Returns:
            Paths below the package, without those that change no result: the errors, and an `__init__` of nothing but
            words.
        """
        start = frozenset(uses)
        if start not in self._behind:
            reached: set[str] = set()
            seen: set[Use] = set()
            ahead = list(start)
            while ahead:
                use = ahead.pop()
                if use in seen or use.module.partition(".")[0] != self._package.name:
                    continue
                seen.add(use)
                files, further = self._step(use)
                reached.update(files)
                ahead += further
            beside = [self._data(file) for file in reached if self._read(file).reads_beside]
            self._behind[start] = {file for file in reached if self._has_effect(file)}.union(*beside)
        return self._behind[start]

    def folded(self, files: Iterable[str]) -> list[str]:
        """Write a folder in place of its files where all that it holds is among them.

        Args:
            files: Paths below the package, which is never folded itself.

        Returns:
            Files and folders, sorted.
        """
        left = set(files)
        folders = {folder for file in left for folder in _folders_above(file)}
        for folder in sorted(folders, key=len):
            inside = {file for file in left if file.startswith(f"{folder}/")}
            if len(inside) > 1 and all(
                file in inside or not self._has_effect(file) for file in self._files if file.startswith(f"{folder}/")
            ):
                left = (left - inside) | {folder}
        return sorted(left)

    def holds(self, file: str) -> bool:
        """True when there is such a file."""
        return file in self._files

    def _step(self, use: Use) -> tuple[list[str], list[Use]]:
        """Files that run when a name is imported, and what those import in turn."""
        if use not in self._steps and use.name and self._module(f"{use.module}.{use.name}"):
            self._steps[use] = self._step(Use(f"{use.module}.{use.name}"))
        elif use not in self._steps:
            files = list(self._run(use.module))
            further = [each for file in files[:-1] for each in self._read(file).always]
            further += [each for file in files[-1:] for each in self._read(file, use.without).always]
            self._steps[use] = files, [*further, *(self._offered(use) if use.name else ())]
        return self._steps[use]

    def _run(self, module: str) -> Iterator[str]:
        """Files that run when a module is imported, from the top of the package down."""
        parts = module.split(".")[1:]
        for depth in range(len(parts) + 1):
            at = "/".join(parts[:depth])
            if depth and depth == len(parts) and f"{at}.py" in self._files:
                yield f"{at}.py"
            elif (init := f"{at}/__init__.py".lstrip("/")) in self._files and (
                depth in (0, len(parts)) or parts[0] != "pipelines"
            ):
                yield init

    def _offered(self, use: Use) -> Iterator[Use]:
        """Module of a name that a package offers lazily."""
        init = self._module(use.module)
        lazy = self._read(init).lazy if init.endswith("__init__.py") else {}
        for name, home in lazy.items():
            if use.name in (name, EVERYTHING):
                yield replace(home, without=use.without)

    def _module(self, module: str) -> str:
        """File of a module; empty where there is none."""
        at = "/".join(module.split(".")[1:])
        return next((file for file in (f"{at}.py", f"{at}/__init__.py".lstrip("/")) if file in self._files), "")

    def _read(self, file: str, without: tuple[str, ...] = ()) -> Imports:
        if (file, without) not in self._imports:
            parts = file.removesuffix(".py").removesuffix("__init__").strip("/").split("/")
            module = ".".join(part for part in (self._package.name, *parts) if part)
            self._imports[file, without] = imports_of(self._package / file, module, without)
        return self._imports[file, without]

    def _data(self, module: str) -> set[str]:
        folder = module[: module.rfind("/") + 1]
        return {file for file in self._files if file.startswith(folder) and not file.endswith((".py", ".md"))}

    def _has_effect(self, file: str) -> bool:
        if not file.endswith("__init__.py"):
            return file != _WITHOUT_EFFECT
        return not self._read(file).only_words


def homes_of(function: Callable[..., Any]) -> Iterator[Use]:
    """Name the modules that a node's function is written in: its own, and those of its decorators and arguments.

    Args:
        function: A function, a partial, a decorated function or an object that can be called.

    Yields:
        The modules.
    """
    if isinstance(function, functools.partial):
        yield from homes_of(function.func)
        for argument in (*function.args, *function.keywords.values()):
            if callable(argument):
                yield from homes_of(argument)
        return
    if hasattr(function, "__globals__"):  # of a decorator: what it returns bears the name of another's module
        yield Use(function.__globals__["__name__"])
    if hasattr(function, "__wrapped__"):
        yield from homes_of(function.__wrapped__)
    else:
        yield Use(getattr(function, "__module__", None) or type(function).__module__)


def _folders_above(file: str) -> list[str]:
    return [parent.as_posix() for parent in Path(file).parents][:-1]
