"""Proof that FollowBench's rows are the released ones: a short hash of each is kept, never its text.

`released.json` holds, by language and category, one line per group with the hashes of its levels. They are hashes of
parsed fields, so that a copy with other line ends, escapes or without the field `answer` passes, as the hub's does.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

_WHERE = "repository YJiangcm/FollowBench at commit 6278f4c"
_CORRECTED = "; the authors corrected two Chinese rows on 2024-08-06, so an older copy differs there"


def fingerprint(row: Mapping[str, Any]) -> str:
    """Hash of what a model is asked and what its output is checked against, 12 hexadecimal digits.

    >>> fingerprint({"instruction": "Name it.", "target": ""})
    '2ca13b301541'
    """
    text = f"{row['instruction']}\0{row['target']}".replace("\r\n", "\n")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def check_released(rows: Sequence[Mapping[str, Any]], file: Path, language: str, category: str) -> None:
    """Compare the rows of one file with what was released.

    Args:
        rows: All rows in the file's order, level 0 included; complete and contiguous.
        file: Where they were read, for the message.
        language: `en` or `zh`.
        category: One of the six.

    Raises:
        ValueError: A row is another one; names file, group, level and where to get the released file.
    """
    known = [each for group in _released()[language][category] for each in group.split()]
    changed = [row for row, expected in zip(rows, known, strict=True) if fingerprint(row) != expected]
    if not changed:
        return
    what = f"fetch it again from the {_WHERE}{_CORRECTED if language == 'zh' else ''}"
    if len(changed) > len(known) // 2:
        raise ValueError(
            f"{file} is not the released file of this language and category: {len(changed)} of {len(known)} rows have "
            f"another instruction or target; {what}"
        )
    others = f", and {len(changed) - 1} more rows" if len(changed) > 1 else ""
    raise ValueError(
        f"{file}, group {changed[0]['example_id']} level {changed[0]['level']}{others}: instruction or target is not "
        f"as released, and scores would not compare; {what}"
    )


@functools.cache
def _released() -> dict[str, dict[str, list[str]]]:
    text = resources.files("quintain.benchmarks.followbench").joinpath("released.json").read_text(encoding="ascii")
    hashes: dict[str, dict[str, list[str]]] = json.loads(text)
    return hashes
