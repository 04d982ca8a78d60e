"""Format rules for structured responses: a JSON object, or a table as Markdown or CSV; a code fence may be there."""

import csv
import json
import re
from typing import Any

from quintain.packs.checks.finding import Finding, finding, rule
from quintain.packs.language import Span, words

_FENCE = re.compile(r"```[a-zA-Z]{0,10}[ \t]*\n(.*?)\n?```", re.DOTALL)


def unfenced(response: str) -> str:
    """The response without white space and a code fence around it."""
    text = response.strip()
    fenced = _FENCE.fullmatch(text)
    return fenced.group(1).strip() if fenced else text


def _where(response: str, holds: bool) -> Finding:
    inner = unfenced(response)
    start = response.find(inner)
    return finding(holds, [Span(start, start + len(inner))])


# --- JSON ----------------------------------------------------------------------------------------------------------


def _object(response: str) -> dict[str, Any]:
    try:
        value = json.loads(unfenced(response))
    except (ValueError, RecursionError):  # the second for brackets nested without end
        return {}
    return value if isinstance(value, dict) else {}


@rule
def json_keys(response: str, value: str) -> Finding:
    """The response is one JSON object with exactly these keys: `key|key|...`."""
    return _where(response, sorted(_object(response)) == sorted(value.split("|")))


@rule
def json_list(response: str, value: str) -> Finding:
    """The key holds a list of so many texts: `key|count`."""
    key, count = value.split("|")
    held = _object(response).get(key)
    return _where(
        response, isinstance(held, list) and len(held) == int(count) and all(isinstance(each, str) for each in held)
    )


@rule
def json_words(response: str, value: str) -> Finding:
    """The key holds a text of between so many words: `key|least|most`."""
    key, least, most = value.split("|")
    held = _object(response).get(key)
    return _where(response, isinstance(held, str) and int(least) <= len(words(held)) <= int(most))


@rule
def json_number(response: str, value: str) -> Finding:
    """The key holds a whole number between two bounds: `key|least|most`."""
    key, least, most = value.split("|")
    held = _object(response).get(key)
    return _where(response, type(held) is int and int(least) <= held <= int(most))


@rule
def json_flag(response: str, key: str) -> Finding:
    """The key holds true or false."""
    return _where(response, isinstance(_object(response).get(key), bool))


@rule
def json_one_line(response: str, _: str) -> Finding:
    """The JSON object stands on one line."""
    return _where(response, bool(_object(response)) and "\n" not in unfenced(response))


# --- tables --------------------------------------------------------------------------------------------------------


def grid(response: str, syntax: str) -> list[list[str]]:
    """Read a table row by row, the header first.

    Args:
        response: The whole response; nothing but the table.
        syntax: `markdown`, or the mark that separates the values of a line.

    Returns:
        Stripped cells; nothing when the response is no such table, or its rows differ in length.
    """
    lines = [line.strip() for line in unfenced(response).split("\n") if line.strip()]
    if syntax == "markdown":
        if len(lines) < 2 or not all(line[0] == "|" == line[-1] and len(line) > 1 for line in lines):
            return []
        rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
        if not all(cell and not cell.strip(":-") for cell in rows[1]):
            return []
        del rows[1]
    else:
        rows = _csv_rows(lines, syntax)
    return rows if rows and all(len(row) == len(rows[0]) > 1 for row in rows) else []


def _csv_rows(lines: list[str], mark: str) -> list[list[str]]:
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=mark, skipinitialspace=True)]
    except csv.Error:  # a cell of more than 131,072 characters
        return []


def _column(response: str, syntax: str, name: str) -> list[str]:
    header, *rows = grid(response, syntax) or [[]]
    return [row[header.index(name)] for row in rows] if name in header else []


@rule
def grid_columns(response: str, value: str) -> Finding:
    """The response is a table with exactly these columns: `syntax|name|name|...`."""
    syntax, names = _syntax(value)
    return _where(response, grid(response, syntax)[:1] == [names])


@rule
def grid_rows(response: str, value: str) -> Finding:
    """The table has so many rows below its header: `syntax|count`."""
    syntax, (count,) = _syntax(value)
    return _where(response, len(grid(response, syntax)) == int(count) + 1)


@rule
def grid_words(response: str, value: str) -> Finding:
    """Every cell of the column has between so many words: `syntax|column|least|most`."""
    syntax, (name, least, most) = _syntax(value)
    cells = _column(response, syntax, name)
    return _where(response, bool(cells) and all(int(least) <= len(words(cell)) <= int(most) for cell in cells))


@rule
def grid_counted(response: str, value: str) -> Finding:
    """The column counts the rows 1, 2, 3 and so on: `syntax|column`."""
    syntax, (name,) = _syntax(value)
    cells = _column(response, syntax, name)
    return _where(response, bool(cells) and cells == [str(i) for i in range(1, len(cells) + 1)])


@rule
def grid_numbers(response: str, value: str) -> Finding:
    """Every cell of the column is a whole number between two bounds: `syntax|column|least|most`."""
    syntax, (name, least, most) = _syntax(value)
    cells = _column(response, syntax, name)
    allowed = {str(number) for number in range(int(least), int(most) + 1)}
    return _where(response, bool(cells) and set(cells) <= allowed)


@rule
def grid_sorted(response: str, value: str) -> Finding:
    """The rows stand in alphabetical order of the column: `syntax|column`."""
    syntax, (name,) = _syntax(value)
    cells = [cell.lower() for cell in _column(response, syntax, name)]
    return _where(response, bool(cells) and cells == sorted(cells))


def _syntax(value: str) -> tuple[str, list[str]]:
    syntax, *rest = value.split("|")
    return syntax, rest
