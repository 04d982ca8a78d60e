"""Decontamination against benchmarks: the texts that training data must not hold, and the rows that hold one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.errors import RecordError
from quintain.fields import Count, Share, check
from quintain.text.contamination import Leak, find_leaks
from quintain.text.json_lines import read_json, read_json_lines

_FIELDS = ("instruction", "prompt")
_ENDINGS = (".json", ".jsonl")


@dataclass(frozen=True, kw_only=True)
class Decontamination:
    """Settings of decontamination: further texts, and what makes a row hold one.

    Raises:
        ValueError: A value is out of range.
    """

    packs: tuple[str, ...] = ()
    """Further evaluation packs beside the benchmarks of the lifecycle: files of JSON or JSON lines whose entries have
    an `instruction` or a `prompt`, or folders of such files."""
    ngram_words: Count = 13
    """Words in a row that give an item away."""
    item_share: Share = 0.0
    """Share of an item's n-grams that a row must hold to be dropped; 0: one is enough."""

    def __post_init__(self) -> None:
        check(self)
        object.__setattr__(self, "packs", tuple(self.packs))


def held_out_texts(benchmarks: Sequence[Benchmark], params: Decontamination) -> dict[str, str]:
    """Gather the texts of all benchmarks.

    Args:
        benchmarks: Benchmarks that students of this lifecycle are scored on.
        params: Further files.

    Returns:
        Key, which says where the item stands, → text.

    Raises:
        RecordError: A pack cannot be read.
    """
    texts = {f"{one.name}: {item.id}": item.prompt for one in benchmarks for item in one.items}
    for path in params.packs:
        texts |= read_pack(Path(path))
    return texts


def find_held_out(
    rows: Iterable[Sequence[str]], benchmarks: Sequence[Benchmark], params: Decontamination
) -> list[Leak | None]:
    """Find the rows that hold an item of a benchmark.

    Args:
        rows: The texts of each row.
        benchmarks: Benchmarks that students of this lifecycle are scored on.
        params: Further files, and what makes a row hold an item.

    Returns:
        Per row the item that it holds most of, or None.

    Raises:
        RecordError: A pack cannot be read.
    """
    texts = held_out_texts(benchmarks, params)
    return find_leaks(rows, texts, ngram_words=params.ngram_words, item_share=params.item_share)


def read_pack(path: Path, setting: str = "decontamination.packs") -> dict[str, str]:
    """Read the texts of a pack: FollowBench, IFEval, or records of this project.

    Args:
        path: A file of JSON (a list) or JSON lines whose entries have an `instruction` or a `prompt`; or a folder, of
            which all such files are read.
        setting: What named it, for messages.

    Returns:
        Key, the file and the position of the entry → text; entries whose text is empty are left out.

    Raises:
        RecordError: There is nothing at this path, a file is not JSON, or an entry has no text.
    """
    files = sorted(file for file in path.rglob("*") if file.suffix in _ENDINGS) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise RecordError(
            f"{path}, named in {setting}, is no pack: it must be a {' or '.join(_ENDINGS)} file or a folder of them"
        )
    return {f"{file}: {number}": text for file in files for number, text in enumerate(_texts(file, setting), 1) if text}


def _texts(file: Path, setting: str) -> Iterator[str]:
    try:
        entries = (
            read_json(file) if file.suffix == ".json" else [entry for _, entry in read_json_lines(file, json.loads)]
        )
    except RecordError as error:
        raise RecordError(f"{file}, named in {setting}, could not be read: {error}") from None
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        yield _text(entry, f"{file}, entry {number}")


def _text(entry: Any, where: str) -> str:
    found = next((entry[name] for name in _FIELDS if name in entry), None) if isinstance(entry, dict) else None
    if not isinstance(found, str):
        raise RecordError(f"{where} has no text under {' or '.join(_FIELDS)}; is it an evaluation pack?")
    return found
