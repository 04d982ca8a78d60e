"""Mend objects, tables, fields, selections and patterns: their parts are replaced, and whatever is right stays."""

import json
import random
import re
from collections.abc import Sequence

from quintain.packs.checks.content import picks
from quintain.packs.checks.structured import grid, unfenced
from quintain.packs.exercises.exercise import Exercise
from quintain.packs.exercises.texts import write_structured
from quintain.packs.language import words
from quintain.packs.stock import Stock
from quintain.packs.structured import write_grid
from quintain.records import Rule

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_MOST_NUMBERED = 100


def mend_object(response: str, exercise: Exercise, stock: Stock, rng: random.Random) -> str | None:
    """Mend a JSON object; None where the response holds none."""
    found = _OBJECT.search(unfenced(response))
    try:
        held = json.loads(found.group()) if found else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(held, dict) or exercise.topic is None:
        return None
    right = json.loads(write_structured(exercise.topic, exercise.rules, stock, rng))
    values = {rule.kind: rule.value.split("|") for rule in exercise.rules}
    one_line = "json_one_line" in values or "\n" not in found.group() if found else False
    mended = {key: held.get(key, right[key]) for key in values["json_keys"]}
    for kind, (key, *bounds) in values.items():
        if kind == "json_list":
            mended[key] = _listed(mended[key], right[key], int(bounds[0]))
        elif kind == "json_words":
            mended[key] = _worded(mended[key], right[key], int(bounds[0]), int(bounds[1]))
        elif kind == "json_number":
            mended[key] = _number(mended[key], int(bounds[0]), int(bounds[1]), right[key])
        elif kind == "json_flag" and not isinstance(mended[key], bool):
            mended[key] = str(mended[key]).lower() not in ("false", "no")
    written = json.dumps(mended, indent=None if one_line else 2, ensure_ascii=False)
    if exercise.passes(written):
        return written
    # Too little about the topic: what no rule is about may say more.
    for key in values["json_keys"]:
        fuller = json.dumps(mended | {key: right[key]}, indent=None if one_line else 2, ensure_ascii=False)
        if exercise.passes(fuller):
            return fuller
    return None


def _listed(held: object, right: Sequence[str], count: int) -> list[str]:
    kept = [str(each) for each in held][:count] if isinstance(held, list) else []
    return kept + [each for each in right if each not in kept][: count - len(kept)]


def _worded(held: object, right: str, least: int, most: int) -> str:
    said = held if isinstance(held, str) else ""
    if len(words(said)) > most:
        return " ".join(said.split()[:most])
    return (
        said
        if len(words(said)) >= least
        else f"{said} {right}".strip()
        if least <= len(words(f"{said} {right}")) <= most
        else right
    )


def _number(held: object, low: int, high: int, right: int) -> int:
    digits = re.search(r"-?\d+", str(held)) if not isinstance(held, bool) else None
    number = int(digits.group()) if digits and len(digits.group()) < 12 else right
    return min(max(number, low), high)


def mend_table(response: str, exercise: Exercise, stock: Stock, rng: random.Random) -> str | None:
    """Mend a table; None where the response holds none in any of the syntaxes."""
    if exercise.topic is None:
        return None
    values = {rule.kind: rule.value.split("|") for rule in exercise.rules}
    syntax, *header = values["grid_columns"]
    held = next((rows for each in (syntax, "markdown", ",", ";") if (rows := grid(response, each))), None)
    if held is None:
        return None
    _, *right = grid(write_structured(exercise.topic, exercise.rules, stock, rng), syntax)
    place = {name: held[0].index(name) if name in held[0] else None for name in header}
    count = int(values["grid_rows"][1]) if "grid_rows" in values else max(1, len(held) - 1)
    rows = []
    for i in range(min(count, _MOST_NUMBERED)):
        known = held[1 + i] if 1 + i < len(held) else None
        spare = right[i % len(right)]
        rows.append(
            [
                known[at] if known is not None and (at := place[name]) is not None else spare[column]
                for column, name in enumerate(header)
            ]
        )
    return _ruled(rows, header, syntax, values, right, exercise)


def _ruled(
    rows: list[list[str]],
    header: list[str],
    syntax: str,
    values: dict[str, list[str]],
    right: list[list[str]],
    exercise: Exercise,
) -> str | None:
    if "grid_words" in values:
        column, least, most = header.index(values["grid_words"][1]), *map(int, values["grid_words"][2:])
        for i, row in enumerate(rows):
            row[column] = _worded(row[column], right[i % len(right)][column], least, most)
    if "grid_numbers" in values:
        column, low, high = header.index(values["grid_numbers"][1]), *map(int, values["grid_numbers"][2:])
        for row in rows:
            row[column] = str(_number(row[column], low, high, low))
    if "grid_sorted" in values:
        column = header.index(values["grid_sorted"][1])
        rows.sort(key=lambda row: row[column].lower())
    if "grid_counted" in values:
        column = header.index(values["grid_counted"][1])
        for number, row in enumerate(rows, 1):
            row[column] = str(number)
    mark = "|" if syntax == "markdown" else syntax
    clean = [[cell.replace(mark, " ").replace('"', "").strip() or "-" for cell in row] for row in rows]
    written = write_grid([header, *clean], syntax)
    return written if exercise.passes(written) else None


def mend_fields(response: str, rules: Sequence[Rule]) -> str:
    """Put the right value behind the name of every field; a field that is missing gets a line at the end."""
    for rule in rules:
        name, value = rule.value.split("|")
        line = re.compile(rf"(?mi)^([ \t*-]*{re.escape(name)}\**:[ \t]*\**)(.*)$")
        if line.search(response):
            response = line.sub(lambda match, value=value: f"{match.group(1).rstrip()} {value}", response)  # type: ignore[misc]
        else:
            response = f"{response.rstrip()}\n{name}: {value}".lstrip("\n")
    return response


def mend_selection(response: str, rules: Sequence[Rule]) -> str:
    """Take the wrong names off the line and put the missing ones on it, in the order that is there."""
    right = frozenset.intersection(*(frozenset(rule.value.split("|")) for rule in rules))
    known = {name.lower(): name for name in right}
    line = re.search(r"(?mi)^[ \t*]*picked[*]*:(.*)$", response)
    said = picks(response)[0] if line else set()
    kept = sorted((each for each in said if each in known), key=response.lower().find)
    names = [*(known[each] for each in kept), *sorted(known[each] for each in known.keys() - set(kept))]
    mended = f"Picked: {', '.join(names)}"
    if line is None:
        return f"{response.rstrip()}\n{mended}".lstrip("\n")
    rest = re.sub(r"(?mi)^[ \t*]*picked[*]*:.*\n?", "", response[line.end() :])
    return response[: line.start()] + mended + rest
