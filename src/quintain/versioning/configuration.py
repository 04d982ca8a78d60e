"""The files that the configuration of an environment is merged from, as they are written, and what refers to what."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from quintain.environment import BASE, layers
from quintain.errors import ConfigError

_ENDINGS = (".yml", ".yaml")
_STUDENTS = "students"
_INNERMOST = re.compile(r"\$\{([^${}]*)\}")

Files = Mapping[str, Mapping[str, Any]]
"""Path from the project's root → content, in the order in which Kedro merges: base first."""


class Place(NamedTuple):
    """Place of a value in the configuration."""

    path: str
    """File, from the project's root."""
    key: str
    """Dotted key in the file."""


@dataclass(frozen=True)
class Configuration:
    """Everything that an environment is merged from: conf/base, its own folder, and conf/local where it counts."""

    environment: str = BASE
    """The environment."""
    parameters: Files = field(default_factory=dict)
    """Parameter files."""
    catalog: Files = field(default_factory=dict)
    """Catalog files."""
    globals: Files = field(default_factory=dict)
    """The files that `${globals:…}` refers to."""
    lifecycle: Files = field(default_factory=dict)
    """The files that declare students, with parameters of their own."""

    @classmethod
    def read(cls, root: Path, environment: str) -> "Configuration":
        """Read the files of an environment.

        Args:
            root: The project's folder.
            environment: A folder of its conf/.

        Returns:
            The configuration.

        Raises:
            ConfigError: A file holds no mapping.
        """
        folders = [root / "conf" / layer for layer in layers(root, environment)]

        def contents(files: Iterable[Path]) -> dict[str, Any]:
            return {path.relative_to(root).as_posix(): _mapping(path) for path in files if path.is_file()}

        return cls(
            environment,
            parameters=contents(path for folder in folders for path in _named(folder, "parameters")),
            catalog=contents(path for folder in folders for path in _named(folder, "catalog")),
            globals=contents(folder / "globals.yml" for folder in folders),
            lifecycle=contents(path for folder in folders for path in _named(folder, "lifecycle")),
        )

    def parameter(self, key: str) -> set[Place]:
        """Find where a parameter stands, and what its value refers to, in every file that Kedro merges.

        A student's own parameter, `students.<student>.<name>`, is that of all with what the lifecycle sets for it.

        Args:
            key: Dotted name.

        Returns:
            The places; none where no file holds it.

        Raises:
            ConfigError: Its value refers to something that stands nowhere, or cannot be followed.
        """
        found = self._places(self.parameters, key)
        group, _, rest = key.partition(".")
        student, _, shared = rest.partition(".")
        if not found and group == _STUDENTS and shared:
            return self._places(self.parameters, shared) | self._places(self.lifecycle, f"{_STUDENTS}.{student}.with")
        return found

    def entry(self, name: str) -> tuple[str, Any]:
        """Find the catalog entry that counts, by its name or pattern as it is written.

        Args:
            name: Name or pattern.

        Returns:
            Its file and its content; empty and None where there is none.
        """
        found = [(path, content[name]) for path, content in self.catalog.items() if name in content]
        return found[-1] if found else ("", None)

    def references(self, path: str, value: Any) -> set[Place]:
        """Follow the interpolations in a value of a file.

        Args:
            path: The file, for messages and for references into files of its own kind.
            value: A value of that file, as it is written.

        Returns:
            Where the values stand that it refers to, directly or by others.

        Raises:
            ConfigError: It refers to something that stands nowhere, or cannot be followed.
        """
        found: set[Place] = set()
        for text in _texts(value):
            while match := _INNERMOST.search(text):
                places, replacement = self._reference(path, match[1])
                found |= places
                # What it stands for may name another value, `${globals:sizes.${globals:which}}`; its own are followed.
                text = text[: match.start()] + _INNERMOST.sub("", replacement) + text[match.end() :]
        return found

    def _places(self, files: Files, key: str) -> set[Place]:
        found: set[Place] = set()
        for path, content in files.items():
            at = _look_up(content, key)
            if at is not None and (place := Place(path, at[0])) not in found:
                found |= {place} | self.references(path, at[1])
        return found

    def _reference(self, path: str, inner: str) -> tuple[set[Place], str]:
        """Places of one interpolation's content, and the text to go on with where it stands inside of another one."""
        resolver, colon, rest = inner.partition(":")
        key, _, default = (part.strip() for part in (rest if colon else inner).partition(","))
        if colon and resolver.strip() == "runtime_params":
            return set(), default  # the command line alone; a stage is run without
        if key.startswith(".") or (colon and resolver.strip() != "globals"):
            raise ConfigError(
                f"{path}: DVC cannot follow `${{{inner}}}`; refer to a value by `${{globals:name}}` or by its full name"
            )
        files = self.globals if colon else self._kind(path)
        places = self._places(files, key)
        if not places and not default:
            raise ConfigError(
                f"{path}: `${{{inner}}}` refers to {key}, which is in none of {', '.join(files) or 'no file'}"
            )
        values = [found[1] for content in files.values() if (found := _look_up(content, key)) is not None]
        return places, str(values[-1]) if values and not isinstance(values[-1], Mapping | list) else default

    def _kind(self, path: str) -> Files:
        return next(files for files in (self.parameters, self.catalog, self.globals, self.lifecycle) if path in files)


def _named(folder: Path, kind: str) -> list[Path]:
    """Files that Kedro takes for a kind: by their own name, or by that of a folder that they lie in."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS)
    return [file for file in files if any(part.startswith(kind) for part in file.relative_to(folder).parts)]


def _look_up(content: Any, key: str) -> tuple[str, Any] | None:
    """Key and value of a dotted name; a shorter key where the value above it is an interpolation."""
    parts = key.split(".")
    for depth, part in enumerate(parts):
        if isinstance(content, str) and "${" in content:
            return ".".join(parts[:depth]), content
        if not isinstance(content, Mapping) or part not in content:
            return None
        content = content[part]
    return key, content


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def _mapping(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path} holds no mapping")
    return content
