"""Prompts of the user's own: a folder of Jinja files that take the place of ours by name.

The folder is named by an environment variable, so that it holds in every process that a run starts.
"""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import jinja2
from jinja2 import meta, nodes

from quintain.errors import ConfigError

VARIABLE = "QUINTAIN_PROMPTS"
"""Environment variable with the folder; empty or missing: there is none."""
_ENDING = ".jinja"
_BLOCKS = {"user", "system"}


def own_folder() -> Path | None:
    """The folder that is in use; None where prompts are ours."""
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else None


def use_prompts(folder: str | Path, ours: Path, environment: jinja2.Environment) -> list[str]:
    """Let the prompts of a folder take the place of ours, in this process and those that it starts.

    Args:
        folder: The folder; empty: ours again.
        ours: Folder of our prompts.
        environment: What parses both.

    Returns:
        Names of the prompts that are replaced, sorted.

    Raises:
        ConfigError: The folder is not there or empty; a file has no name of ours, cannot be parsed, has no block
            `user`, or asks for a field that ours does not get. Nothing is changed then.
    """
    if not str(folder):
        os.environ.pop(VARIABLE, None)
        return []
    place = Path(folder).resolve()
    if not place.is_dir():
        raise ConfigError(f"prompts.folder: {folder} is no folder; name one with Jinja files such as webr/author.jinja")
    known = _names(ours)
    found = _names(place)
    if not found:
        raise ConfigError(f"prompts.folder: {folder} holds no {_ENDING} file")
    for name in found:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
            raise ConfigError(f"prompts.folder: {place / name}{_ENDING} takes the place of no prompt; {hint}")
        _check(place / f"{name}{_ENDING}", ours / f"{name}{_ENDING}", environment)
    os.environ[VARIABLE] = str(place)
    return found


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob(f"*{_ENDING}"))


def _check(own: Path, ours: Path, environment: jinja2.Environment) -> None:
    try:
        text = own.read_text(encoding="utf-8")
        parsed = environment.parse(text)
    except UnicodeDecodeError:
        raise ConfigError(f"prompts.folder: {own} is not UTF-8; save it as UTF-8") from None
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(
            f"prompts.folder: {own}, line {error.lineno}: {error.message}; correct the template"
        ) from None
    blocks = {block.name for block in parsed.find_all(nodes.Block)}
    if "user" not in blocks or not blocks <= _BLOCKS:
        raise ConfigError(
            f"prompts.folder: {own} must have a block `user`, and perhaps a block `system`; it has "
            f"{', '.join(sorted(blocks)) or 'none'}"
        )
    fields = meta.find_undeclared_variables(environment.parse(ours.read_text(encoding="utf-8")))
    if unknown := sorted(meta.find_undeclared_variables(parsed) - fields):
        raise ConfigError(f"prompts.folder: {own} asks for {unknown[0]!r}; the fields are {_listed(fields)}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
