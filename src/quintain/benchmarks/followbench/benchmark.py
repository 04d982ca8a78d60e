"""The authors' benchmark files, read from a folder into items; nothing of them is kept here.

A hub id with a pinned revision is resolved to a folder by whoever calls; see `source`.
"""

import ast
from pathlib import Path
from typing import Any, Literal, get_args

from quintain.benchmarks.followbench import targets
from quintain.benchmarks.followbench.released import check_released
from quintain.benchmarks.satisfaction.sheet import CATEGORIES
from quintain.errors import RecordError
from quintain.records import ConstraintItem, Origin, Rule
from quintain.text.json_lines import read_json

Language = Literal["en", "zh"]

GROUPS: dict[str, dict[str, int]] = {
    "en": {"content": 25, "situation": 22, "style": 30, "format": 30, "example": 40, "mixed": 17},
    "zh": {"content": 23, "situation": 22, "style": 30, "format": 30, "example": 40, "mixed": 13},
}
"""Groups of five levels by language and category; the released files hold exactly these."""

_LISTED = frozenset({"CONLL2003"})
_TARGETED = frozenset(
    {"E2E", "WIKIEVENTS", "text_editing", "BBH_logical", "BBH_time", "self_made_space", "gsm_8k", *_LISTED}
)
_SUMMARISED = frozenset({"cnn_dailymail", "xsum", "samsum", "gigaword", "arxiv"})
_RULED_FORMATS = {"en": frozenset({22, 30}), "zh": frozenset({22})}


def load_benchmark(folder: Path, language: Language) -> list[ConstraintItem]:
    """Read the six files of one language: 820 items in English, 790 in Chinese.

    Args:
        folder: Holds `content_constraints.json` and five more.
        language: Which of the two sets it is; decides the rules and the counts.

    Returns:
        Items of levels 1-5 in the files' order. Level 0 is never asked of a model; it stands first in `path`, where
        a judge needs it. `rules` names the rule set's check, once per constraint, and is empty where only a judge
        can tell. Targets are kept as the files write them.

    Raises:
        ValueError: A file is missing or broken, or does not hold what was released, by count or by hash; names file,
            group and level.
    """
    if language not in get_args(Language):
        raise ValueError(f"language must be one of {', '.join(get_args(Language))}, got {language!r}")
    items: list[ConstraintItem] = []
    for category in CATEGORIES:
        file = Path(folder) / f"{category}_constraints.json"
        rows = _read_rows(file)
        items += _items(rows, file, language, category)
        check_released(rows, file, language, category)
    return items


def _items(rows: list[dict[str, Any]], file: Path, language: str, category: str) -> list[ConstraintItem]:
    first = 1 if category == "example" else 0
    expected = [(group, level) for group in range(1, GROUPS[language][category] + 1) for level in range(first, 6)]
    found = [(row.get("example_id"), row.get("level")) for row in rows]
    if found != expected:
        raise ValueError(f"{file}: {_first_difference(found, expected)}; the {language} files must be complete")
    items = []
    path: tuple[str, ...] = ()
    for row in rows:
        _check_fields(row, file)
        if row["level"] == first:
            path = ()
        if row["level"] > 0:
            items.append(_item(row, file, language, category, path))
        if category != "example":
            path = (*path, row["instruction"])
    return items


def _read_rows(file: Path) -> list[dict[str, Any]]:
    if not file.is_file():
        raise ValueError(f"{file} is missing; FollowBench has one file for each of {', '.join(CATEGORIES)}")
    try:
        rows = read_json(file)
    except RecordError as error:
        raise ValueError(str(error)) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{file} must hold a list of objects")
    return rows


def _first_difference(found: list[tuple[Any, Any]], expected: list[tuple[int, int]]) -> str:
    for position, (got, want) in enumerate(zip(found, expected, strict=False)):
        if got != want:
            return f"row {position} is group {got[0]} level {got[1]}, expected group {want[0]} level {want[1]}"
    return f"{len(found)} rows, expected {len(expected)}"


def _check_fields(row: dict[str, Any], file: Path) -> None:
    where = f"{file}, group {row['example_id']} level {row['level']}"
    for name in ("category", "source", "instruction", "target"):
        if not isinstance(row.get(name), str):
            raise ValueError(f"{where}: field {name!r} must be text, got {row.get(name)!r}")
    if row["level"] > 0 and not row["instruction"].strip():
        raise ValueError(f"{where}: the instruction is empty")


def _item(row: dict[str, Any], file: Path, language: str, category: str, path: tuple[str, ...]) -> ConstraintItem:
    check = _check_name(row, language, category)
    _check_target(row, check, f"{file}, group {row['example_id']} level {row['level']}")
    return ConstraintItem(
        example_id=str(row["example_id"]),
        category=category,
        level=row["level"],
        instruction=row["instruction"],
        rules=tuple(Rule(kind=f"followbench-{language}", value=check) for _ in range(row["level"] if check else 0)),
        target=row["target"],
        source=row["source"],
        path=() if check else path,
        origin=Origin(knobs={"file": file.name}),
    )


def _check_name(row: dict[str, Any], language: str, category: str) -> str:
    if category == "example":
        return "example"
    if category == "format" and row["example_id"] in _RULED_FORMATS[language]:
        return f"format-{row['example_id']}"
    return row["source"] if row["source"] in _TARGETED | _SUMMARISED else ""


def _check_target(row: dict[str, Any], check: str, where: str) -> None:
    target = row["target"]
    if check in _TARGETED and not target:
        raise ValueError(f"{where}: {row['source']} is checked against a target, and it is empty")
    if check == "example":
        try:
            targets.wrapper(target)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
    if check in _LISTED:
        try:
            names = ast.literal_eval(target)
        except (ValueError, SyntaxError):
            names = None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError(f"{where}: the target must be a list of names, got {target!r}")
