"""LLaMA-Factory's dataset_info.json: which files there are, and how their columns and turns are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintain.errors import RecordError
from quintain.given.columns import Columns
from quintain.given.layout import Layout
from quintain.given.turns import Role, TurnNames
from quintain.text.json_lines import read_json

FILE_NAME = "dataset_info.json"
_COLUMNS = {
    "prompt": ("instruction", "instruction"), "query": ("input", "input"), "response": ("output", "output"),
    "history": ("history", None), "messages": ("conversations", "conversations"), "system": ("system", None),
    "tools": ("tools", None), "images": ("images", None), "videos": ("videos", None), "audios": ("audios", None),
    "chosen": ("chosen", None), "rejected": ("rejected", None), "kto_tag": ("label", None),
}  # fmt: skip
"""Its name of a column → our name, and the name in the file where the entry does not give one."""
_OF_ALPACA = ("prompt", "query", "response", "history")
_ROLES: dict[str, tuple[str, Role]] = {
    "user_tag": ("human", "user"), "assistant_tag": ("gpt", "assistant"), "system_tag": ("system", "system")
}  # fmt: skip
_TOOLS = {"observation_tag": "observation", "function_tag": "function_call"}
_ELSEWHERE = ("hf_hub_url", "ms_hub_url", "om_hub_url", "script_url", "cloud_file_name")


@dataclass(frozen=True)
class NamedFile:
    """An entry: a file or folder, and its layout."""

    name: str
    """Name of the entry."""
    path: Path
    """The file or folder."""
    layout: Layout
    """Names of its columns and turns, and its format."""


def is_dataset_info(path: Path) -> bool:
    """True for a file of that name, and for a folder that holds one."""
    return path.name == FILE_NAME or (path.is_dir() and (path / FILE_NAME).is_file())


def read_dataset_info(path: Path, wanted: Sequence[str] = ()) -> tuple[list[NamedFile], list[str]]:
    """Read the entries that lie here.

    Args:
        path: The file, or its folder.
        wanted: Names of entries; empty: all whose file is here.

    Returns:
        The entries, and for each one that was passed over a line that says why.

    Raises:
        RecordError: It is no such file, an entry has another form, a wanted one is not there, or none is left.
    """
    file = path / FILE_NAME if path.is_dir() else path
    document = read_json(file)
    if not isinstance(document, dict) or not all(isinstance(entry, dict) for entry in document.values()):
        raise RecordError(f"{file} is none of LLaMA-Factory's: it must map names of data sets to objects")
    if unknown := [name for name in wanted if name not in document]:
        raise RecordError(f"{file} has no data set {unknown[0]!r}; there are {', '.join(document)}")
    found: list[NamedFile] = []
    passed: list[str] = []
    for name in wanted or document:
        entry = document[name]
        where = f"{file}, {name}"
        elsewhere = next((key for key in _ELSEWHERE if entry.get(key)), "")
        target = file.parent / str(entry.get("file_name") or "")
        if elsewhere or not entry.get("file_name"):
            said = f"{elsewhere} {entry[elsewhere]!r}" if elsewhere else "no file_name"
            passed.append(f"{where}: passed over, it has {said}; import that by its own name, as NAME@REVISION")
        elif not target.exists():
            passed.append(f"{where}: passed over, {target} does not exist")
        else:
            found.append(NamedFile(name, target, _layout(entry, where)))
    if wanted and passed:
        raise RecordError(passed[0])
    if not found:
        raise RecordError(f"{file} names no file that is here: {'; '.join(passed) or 'it is empty'}")
    return found, passed


def _layout(entry: Mapping[str, Any], where: str) -> Layout:
    formatting = entry.get("formatting", "alpaca")
    if formatting not in ("alpaca", "sharegpt", "openai"):
        raise RecordError(f"{where}: formatting is {formatting!r}; alpaca and sharegpt are read")
    columns, tags = (entry.get(key) or {} for key in ("columns", "tags"))
    for key, known in (("columns", _COLUMNS), ("tags", {*_ROLES, *_TOOLS, "role_tag", "content_tag"})):
        given = entry.get(key) or {}
        if not isinstance(given, dict) or not set(given) <= set(known):
            raise RecordError(f"{where}: {key} must map some of {', '.join(sorted(known))} to names, got {given!r}")
    ranking = bool(entry.get("ranking"))
    names = {
        ours: theirs
        for key, (ours, usual) in _COLUMNS.items()
        if isinstance(theirs := columns.get(key, usual), str)
        and (key not in _OF_ALPACA or formatting == "alpaca")
        and (key != "messages" or formatting != "alpaca")
    }
    if ranking and "chosen" in names:
        names.pop("output", None)
    of = {("alpaca", False): "alpaca", ("alpaca", True): "alpaca-preference"}
    chosen = of.get((formatting, ranking)) or ("sharegpt-preference" if ranking else "sharegpt")
    named = {ours: theirs for ours, theirs in names.items() if ours != theirs}
    return Layout(Columns(named), _turn_names(tags), chosen, f"{where} says so ({formatting}{', ranking' * ranking})")


def _turn_names(tags: Mapping[str, Any]) -> TurnNames:
    if not tags:
        return TurnNames()
    roles: dict[str, Role] = {str(tags.get(key, usual)): role for key, (usual, role) in _ROLES.items()}
    tools = frozenset(str(tags.get(key, usual)) for key, usual in _TOOLS.items()) | {"tool", "function"}
    return TurnNames(
        role=(str(tags.get("role_tag", "from")),), content=(str(tags.get("content_tag", "value")),), roles=roles,
        tools=tools - set(roles),
    )  # fmt: skip
