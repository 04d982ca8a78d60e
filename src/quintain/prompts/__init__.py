"""Every prompt is one Jinja file in this folder, with a block `user` and, where it has one, a block `system`.

A prompt's name is its path without the ending, such as `webr/author`; its fingerprint changes with its text, so a row
of data says exactly which wording made it.

Prompts of the user's own take the place of ours by name (`own`); a fingerprint is that of the wording in use.

What stands between marks such as `<page>` and `</page>` is foreign: no field closes a mark of its prompt, however it
spells it. The `replace` in older prompts does nothing beside that and stays, because a call is known by its wording.
"""

import functools
import hashlib
from pathlib import Path
from typing import Any

import jinja2

from quintain.prompts import own
from quintain.prompts.marks import closing_marks, escape_marks
from quintain.records import Message, Origin, Request

_FOLDER = Path(__file__).parent


@functools.cache
def _environment(*folders: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, _FOLDER]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - prompts are plain text, not HTML
    )


_JINJA = _environment()


def use_prompts(folder: str | Path) -> list[str]:
    """Let the prompts of a folder take the place of ours; see `own.use_prompts`."""
    return own.use_prompts(folder, _FOLDER, _JINJA)


def _in_use() -> tuple[Path, ...]:
    """Folders whose prompts come before ours."""
    folder = own.own_folder()
    return () if folder is None else (folder,)


def render(name: str, **fields: Any) -> tuple[Message, ...]:
    """Render a prompt to chat messages.

    Args:
        name: Path of the prompt below this folder, without `.jinja`.
        **fields: Values of the prompt's variables; a missing one is an error.

    Returns:
        One message per block of the prompt, system before user; closing marks inside fields are escaped.

    Raises:
        ValueError: There is no such prompt, or a field is missing.
    """
    try:
        template = _environment(*_in_use()).get_template(f"{name}.jinja")
        context = template.new_context(escape_marks(fields, marks_of(name)))
        return tuple(
            Message(role=role, content="".join(template.blocks[role](context)).strip())
            for role in ("system", "user")
            if role in template.blocks
        )
    except jinja2.TemplateNotFound:
        raise ValueError(f"there is no prompt {name!r}; there are {', '.join(names())}") from None
    except jinja2.UndefinedError as error:
        raise ValueError(f"prompt {name!r}: {error.message}") from None


def marks_of(name: str) -> frozenset[str]:
    """Names of the marks between which a prompt puts foreign text."""
    return _marks_of(_file_of(name))


def fingerprint(name: str) -> str:
    """Name the wording of a prompt that is in use: `name@` and 8 hexadecimal digits of its text."""
    return f"{name}@{_digest(_file_of(name))}"


def _file_of(name: str) -> Path:
    """The file of a prompt, the user's own where there is one."""
    files = [folder / f"{name}.jinja" for folder in _in_use()]
    return next((file for file in files if file.is_file()), _FOLDER / f"{name}.jinja")


def source(name: str) -> str:
    """Text of a prompt as it is written, with its blocks and variables."""
    return _file_of(name).read_text(encoding="utf-8")


@functools.cache
def _marks_of(file: Path) -> frozenset[str]:
    return closing_marks(file.read_text(encoding="utf-8"))


@functools.cache
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def names() -> list[str]:
    """All prompts of the project."""
    return sorted(str(path.relative_to(_FOLDER).with_suffix("")) for path in _FOLDER.rglob("*.jinja"))


def request(name: str, fields: dict[str, Any], *, sample: int = 0, origin: Origin | None = None) -> Request:
    """Ask with a prompt: the fields for a rule-based model, the rendered messages for any other."""
    return Request(
        prompt=fingerprint(name),
        fields=fields,
        messages=render(name, **fields),
        sample=sample,
        origin=origin or Origin(),
    )
