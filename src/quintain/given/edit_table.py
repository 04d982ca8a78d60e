"""Edits in a table: CSV or TSV with the columns subject, prompt and target."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quintain.errors import RecordError
from quintain.given.faults import RowFault
from quintain.given.sources import file_source

ENDINGS = (".csv", ".tsv")
"""Endings of tables."""
_NEEDED = ("subject", "prompt", "target_new")
_TEXTS = (*_NEEDED, "relation", "rephrase_prompt", "id", "author", "source", "edit_set")
_LISTS = ("ground_truth", "aliases", "paraphrases")
_SAME = {"target": "target_new", "former": "ground_truth"}
_BETWEEN = "|"


def read_edit_table(path: Path) -> list[dict[str, Any]]:
    """Read edits from a table.

    Args:
        path: A `.csv` or `.tsv` file with a header: `subject`, `prompt` and `target` (or `target_new`); `relation`,
            `ground_truth`, `aliases`, `paraphrases`, `rephrase_prompt`, `id`, `author`, `source` and `edit_set` where
            it likes. Several aliases stand in one cell with `|` between them, or as a JSON list.

    Returns:
        One mapping per row, with the fields of KnowEdit; empty cells are left out.

    Raises:
        RecordError: The file cannot be read, a column is missing or unknown, or a cell that is needed is empty; names
            file, line and column.
    """
    found = []
    for row in file_source(path).rows():
        try:
            if row.fault:
                raise row.fault
            found.append(_edit(row.values))
        except RowFault as fault:
            raise RecordError(f"{row.where}: {fault}; correct the table") from None
    if not found:
        raise RecordError(f"{path} holds no edit: there is no row under the header")
    return found


def _edit(cells: Mapping[str, str]) -> dict[str, Any]:
    row = {_SAME.get(name, name): cell.strip() for name, cell in cells.items()}
    if unknown := sorted(set(row) - {*_TEXTS, *_LISTS}):
        known = ", ".join(("subject", "prompt", "target", *_TEXTS[3:], *_LISTS))
        raise RowFault("unknown-column", f"{unknown[0]!r}; the columns can be {known}")
    for name in _NEEDED:
        if not row.get(name):
            shown = "target" if name == "target_new" else name
            raise RowFault("missing-column" if name not in row else "empty-cell", shown)
    return {name: _listed(cell) if name in _LISTS else cell for name, cell in row.items() if cell}


def _listed(cell: str) -> list[str]:
    if cell.startswith("["):
        try:
            values = json.loads(cell)
        except ValueError:
            values = None
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            return values
    return [part for piece in cell.split(_BETWEEN) if (part := piece.strip())]
