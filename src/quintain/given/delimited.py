"""Rows of CSV and TSV: UTF-8, a header first, quotes as spreadsheets and pandas write them."""

import ast
import codecs
import csv
import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from quintain.errors import RecordError
from quintain.given.faults import RowFault
from quintain.given.rows import Row
from quintain.given.turns import is_turn
from quintain.limits import LINE_BYTES
from quintain.records import SHOWN_CHARACTERS
from quintain.text.json_lines import read_line

NESTED = ("messages", "conversations", "history", "context", "prompt", "completion", "chosen", "rejected", "choices")
"""Columns whose cells may hold turns, written as JSON or as Python writes them; JSON of another kind is a text."""
_ALWAYS = ("messages", "conversations", "history", "choices")
"""Those of them that never hold text."""
_DELIMITERS = ",\t;|"


def delimited_rows(file: BinaryIO, name: str, delimiter: str = "") -> Iterator[Row]:
    """Read the rows of a table.

    Args:
        file: The file, at its beginning.
        name: Its name, for messages.
        delimiter: What stands between cells; empty: that of comma, tab, semicolon and bar which the header has most of.

    Yields:
        Row: A row; one with more or fewer cells than the header, broken quotes or other bytes than UTF-8 is a fault.

    Raises:
        RecordError: There is no header, a name stands twice in it, or a quote is opened and never closed.
    """
    csv.field_size_limit(min(LINE_BYTES, sys.maxsize))
    lines = _lines(file, name)
    first = next(lines, "")
    delimiter = delimiter or max(_DELIMITERS, key=first.count)
    reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter, strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
    except csv.Error as error:
        raise RecordError(f"{name}, line 1: the header cannot be read: {error}") from None
    if not any(header):
        raise RecordError(f"{name} has no header; write the names of the columns on its first line")
    if not all(column.isascii() or _is_utf8(column) for column in header):
        raise RecordError(f"{name}, line 1: the header is not UTF-8; save the file as UTF-8")
    header = _named(header)
    if doubled := next((column for column in header if header.count(column) > 1), None):
        raise RecordError(f"{name}: the header names the column {doubled!r} twice; rename one of them")
    line = reader.line_num + 1
    while True:
        where = f"{name}, line {line}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise RecordError(
                    f"{where}: a quote is opened and never closed, so nothing behind it can be told apart; close it"
                ) from None
            yield Row(where, {}, RowFault("broken-quotes", str(error)))
        else:
            if cells:
                yield _row(where, header, cells)
        line = reader.line_num + 1


def _lines(file: BinaryIO, name: str) -> Iterator[str]:
    """Lines with their breaks, which may stand inside of a cell; bytes that are not UTF-8 as halves of characters."""
    number = 0
    while line := read_line(file, LINE_BYTES):
        number += 1
        if len(line) > LINE_BYTES:
            raise RecordError(f"{name}, line {number} is longer than {LINE_BYTES:,} bytes (LINE_BYTES); cut it")
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        yield line.decode("utf-8", "surrogateescape")


def _named(header: list[str]) -> list[str]:
    """Names of the columns; of several that have none, as spreadsheets leave them, each gets its number."""
    if header.count("") < 2:
        return header
    return [name or f"column {place}" for place, name in enumerate(header, start=1)]


def _is_utf8(cell: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in cell)


def _row(where: str, header: list[str], cells: list[str]) -> Row:
    text = ",".join(cells)[:SHOWN_CHARACTERS]
    if not all(cell.isascii() or _is_utf8(cell) for cell in cells):
        return Row(where, {}, RowFault("not-utf-8"), text.encode("utf-8", "replace").decode())
    if len(cells) != len(header):
        fault = RowFault("ragged-row", f"{len(cells)} cells under a header of {len(header)}")
        return Row(where, {}, fault, text)
    return Row(where, {column: _cell(column, cell) for column, cell in zip(header, cells, strict=True)})


def _cell(column: str, cell: str) -> Any:
    begun = cell.lstrip()[:1]
    if column not in NESTED or begun not in ("[", "{"):
        return cell
    for parse in (json.loads, ast.literal_eval):  # the second takes literals alone, it runs nothing
        try:
            value = parse(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return value if _is_structure(column, value) else cell
    return cell


def _is_structure(column: str, value: Any) -> bool:
    """True for the structures that a column may hold beside text: turns, exchanges, content parts, choices."""
    if column in _ALWAYS:
        return isinstance(value, list | dict)
    if not isinstance(value, list):
        return is_turn(value)
    return bool(value) and all(is_turn(one) or (isinstance(one, dict) and "type" in one) for one in value)
