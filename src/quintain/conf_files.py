"""Files of conf/ as they are written: which layer set a value, and on which line."""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

KINDS = ("parameters", "catalog", "lifecycle", "tracking", "promotion", "globals", "credentials")
"""What Kedro reads of an environment, by the beginning of a file's name."""
_ENDINGS = (".yml", ".yaml")
_BESIDE = ("expectations", "logging")
_GLOBAL = re.compile(r"\$\{globals:\s*([^,}$\s]+)\s*(,)?")
_WHOLE = re.compile(r"\$\{globals:\s*([^,}$\s]+)\s*(?:,[^}]*)?\}")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class ConfFile:
    """A file of a layer, parsed but not read: every value knows its line."""

    shown: str
    """Path for messages, such as `conf/base/tracking.yml`."""
    kind: str
    """One of KINDS, `expectations`, or empty."""
    node: yaml.Node | None
    """The document; None where the file is empty."""

    def place(self, path: Sequence[str]) -> str:
        """`conf/base/tracking.yml:3`: the line of a value, or of the innermost group around it."""
        _, line, _ = _locate(self.node, tuple(path))
        return f"{self.shown}:{line}"

    @property
    def content(self) -> Any:
        """The document as plain Python."""
        return None if self.node is None else _LOADER("").construct_document(self.node)


class ConfFiles:
    """Files that an environment is merged from, the layer that wins last.

    Args:
        conf: The folder conf/.
        layers: Names of its folders in the order in which they are merged.
        kinds: Kinds to read; all by default.
    """

    def __init__(self, conf: Path, layers: Sequence[str], kinds: Sequence[str] = (*KINDS, "expectations")) -> None:
        self._conf = conf
        self.files: list[ConfFile] = []
        self.broken: list[str] = []
        """What cannot be parsed, one line each."""
        for layer in dict.fromkeys(layers):
            for path in sorted((conf / layer).rglob("*")):
                if path.suffix in _ENDINGS and path.is_file() and not _hidden(path.relative_to(conf)):
                    self._add(path, path.relative_to(conf / layer), kinds)

    def of(self, kind: str) -> list[ConfFile]:
        """Files of a kind, the one that wins last."""
        return [file for file in self.files if file.kind == kind]

    def place(self, kind: str, path: Sequence[str]) -> str:
        """Find the line that sets a value.

        Args:
            kind: Kind of the document.
            path: Keys from the outermost one; items of a list by their position, counted from 1.

        Returns:
            `conf/hub/globals.yml:31`, where a reference into globals.yml is followed; the line of the innermost group
            that stands somewhere where the value does not, or only the kind where nothing does.
        """
        best, found = 0, f"conf/…/{kind}.yml"
        for file in self.of(kind):
            depth, line, node = _locate(file.node, tuple(path))
            if depth and depth >= best:
                best, found = depth, f"{file.shown}:{line}"
                refers = _WHOLE.fullmatch(node.value.strip()) if isinstance(node, yaml.ScalarNode) else None
                if refers and kind != "globals":
                    found = self.place("globals", (*refers[1].split("."), *path[depth:]))
            elif not path and not best:
                found = file.shown
        return found

    def keys(self, kind: str, path: Sequence[str], layer: str = "") -> list[str]:
        """Keys that any layer, or the named one, has below a path."""
        found: dict[str, None] = {}
        for file in self.of(kind):
            if layer and file.shown.split("/")[1] != layer:
                continue
            depth, _, node = _locate(file.node, tuple(path))
            if depth == len(path) and isinstance(node, yaml.MappingNode):
                found |= dict.fromkeys(str(key.value) for key, _ in node.value)
        return list(found)

    def undefined_globals(self) -> Iterator[str]:
        """References into globals.yml that stand nowhere, one line each."""
        for file in self.files:
            for node in _scalars(file.node):
                for name, default in _GLOBAL.findall(node.value):
                    parts = tuple(name.split("."))
                    if not default and not any(_locate(g.node, parts)[0] == len(parts) for g in self.of("globals")):
                        close = get_close_matches(name, self._global_names(), n=1)
                        hint = f"did you mean {close[0]}?" if close else "add it there"
                        yield (
                            f"{file.shown}:{node.start_mark.line + 1}: ${{globals:{name}}} refers to nothing in "
                            f"globals.yml; {hint}"
                        )

    def unread_globals(self) -> Iterator[tuple[tuple[str, ...], list[str]]]:
        """Values of globals.yml that no file of any environment refers to, with the names that some file asks for."""
        asked = self._asked
        for name in self._global_names():
            top = name.partition(".")[0]
            is_start = name in (f"{top}.source", f"{top}.revision")
            if not is_start and not any(
                f"{name}.".startswith(f"{a}.") or f"{a}.".startswith(f"{name}.") for a in asked
            ):
                yield tuple(name.split(".")), sorted(asked)

    @functools.cached_property
    def _asked(self) -> set[str]:
        texts = (
            path.read_text(encoding="utf-8", errors="replace")
            for path in self._conf.rglob("*")
            if path.suffix in _ENDINGS and path.is_file()
        )
        return {name.rstrip(".") for text in texts for name, _ in _GLOBAL.findall(text)}

    def _global_names(self) -> list[str]:
        found: dict[str, None] = {}
        for file in self.of("globals"):
            found |= dict.fromkeys(".".join(path) for path in _leaves(file.node) if not path[0].startswith("_"))
        return list(found)

    def _add(self, path: Path, within: Path, kinds: Sequence[str]) -> None:
        shown = (Path(self._conf.name) / path.relative_to(self._conf)).as_posix()
        kind = next((k for k in (*KINDS, *_BESIDE) if any(part.startswith(k) for part in within.parts)), "")
        if not kind and (close := get_close_matches(re.split(r"[_.]", within.parts[0])[0], (*KINDS, *_BESIDE), n=1)):
            self.broken.append(f"{shown}: nobody reads a file of this name; did you mean {close[0]}?")
        if kind not in kinds:
            return
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
        except UnicodeDecodeError as error:
            self.broken.append(f"{shown}: it is not UTF-8 from byte {error.start} on; save it as UTF-8")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            self.broken.append(f"{shown}:{line}: it is no YAML: {error.problem or error.context}")
        except (yaml.YAMLError, OSError, RecursionError) as error:
            self.broken.append(f"{shown}: it cannot be read: {' '.join(str(error).split())}")
        else:
            self.files.append(ConfFile(shown, kind, node))
            if node is not None and not isinstance(node, yaml.MappingNode):
                self.broken.append(f"{shown}:{node.start_mark.line + 1}: it must map names to values")
            self.broken += [f"{shown}:{said}" for said in _twice(node, set())]


def is_given(values: Any, path: Sequence[str]) -> bool:
    """True when values from the command line set what stands at a path, or something around it."""
    for part in path:
        if not isinstance(values, Mapping):
            return True
        if part not in values:
            return False
        values = values[part]
    return True


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _entries(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Keys and values, those behind `<<` after the mapping's own."""
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if key.value == "<<":
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
        else:
            yield key, value
    for each in merged:
        if isinstance(each, yaml.MappingNode):
            yield from _entries(each)


def _locate(node: yaml.Node | None, path: tuple[str, ...]) -> tuple[int, int, yaml.Node | None]:
    """Number of keys of a path that are there, the line of the last one, and its value."""
    best: tuple[int, int, yaml.Node | None] = (0, 1, node)
    if path and isinstance(node, yaml.MappingNode):
        for key, value in _entries(node):
            for n in range(1, len(path) + 1):
                if str(key.value) == ".".join(path[:n]):
                    depth, line, inner = _locate(value, path[n:])
                    if n + depth > best[0]:
                        best = (n + depth, line if depth else key.start_mark.line + 1, inner)
    elif path and isinstance(node, yaml.SequenceNode) and path[0].isdigit() and 0 < int(path[0]) <= len(node.value):
        item = node.value[int(path[0]) - 1]
        depth, line, inner = _locate(item, path[1:])
        best = (1 + depth, line if depth else item.start_mark.line + 1, inner)
    return best


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    waiting, seen = [node], set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, yaml.ScalarNode):
            yield each
        elif isinstance(each, yaml.MappingNode):
            waiting += [part for pair in each.value for part in pair]
        elif isinstance(each, yaml.SequenceNode):
            waiting += each.value


def _leaves(node: yaml.Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(node, yaml.MappingNode) and node.value:
        for key, value in _entries(node):
            yield from _leaves(value, (*path, str(key.value)))
    elif path:
        yield path


def _twice(node: yaml.Node | None, seen: set[int]) -> Iterator[str]:
    """Keys that a mapping has twice."""
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and name in keys:
                yield f"{line}: it has {name} twice, first on line {keys[name]}; give each its own name, or keep one"
            keys.setdefault(name, line)
            yield from _twice(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _twice(item, seen)
