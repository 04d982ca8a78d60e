"""Evaluation packs that lie somewhere as files, read for their texts alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quintain.errors import RecordError

_FIELDS = ("instruction", "prompt")
_ENDINGS = (".json", ".jsonl")


def read_pack(path: Path) -> dict[str, str]:
    """Read the texts of a pack: FollowBench, IFEval, or records of this project.

    Args:
        path: A file of JSON (a list) or JSON lines whose entries have an `instruction` or a `prompt`; or a folder, of
            which all such files are read.

    Returns:
        Key, the file and the position of the entry → text; entries whose text is empty are left out.

    Raises:
        RecordError: There is nothing at this path, a file is not JSON, or an entry has no text.
    """
    files = sorted(file for file in path.rglob("*") if file.suffix in _ENDINGS) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise RecordError(
            f"{path}, named in synthesis.decontamination.packs, is no pack: it must be a {' or '.join(_ENDINGS)} file "
            "or a folder of them"
        )
    return {f"{file}: {number}": text for file in files for number, text in enumerate(_texts(file), 1) if text}


def _texts(file: Path) -> Iterator[str]:
    try:
        text = file.read_text(encoding="utf-8")
        entries = json.loads(text) if file.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    except (OSError, ValueError) as error:
        raise RecordError(f"{file}, named in synthesis.decontamination.packs, could not be read: {error}") from None
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        yield _text(entry, f"{file}, entry {number}")


def _text(entry: Any, where: str) -> str:
    found = next((entry[name] for name in _FIELDS if name in entry), None) if isinstance(entry, dict) else None
    if not isinstance(found, str):
        raise RecordError(f"{where} has no text under {' or '.join(_FIELDS)}; is it an evaluation pack?")
    return found
