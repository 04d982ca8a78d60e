"""Rows of a data set of the hub at a pinned revision, streamed; code of others never runs."""

import re
from collections.abc import Iterator
from typing import Any

from quintain.errors import RecordError
from quintain.given.parquet_rows import plain
from quintain.given.rows import Row

_NAME = re.compile(r"(?P<name>[\w.-]+(?:/[\w.-]+)?)@(?P<revision>[\w./-]+)")


def hub_name(source: str) -> tuple[str, str] | None:
    """Name and revision of a data set of the hub; None where the source is written otherwise.

    >>> hub_name("tatsu-lab/alpaca@dce01c9b08f87459cf36a430d809084718273017")
    ('tatsu-lab/alpaca', 'dce01c9b08f87459cf36a430d809084718273017')
    >>> hub_name("data/pairs.jsonl") is None
    True
    """
    found = _NAME.fullmatch(source)
    return (found["name"], found["revision"]) if found else None


def hub_rows(name: str, revision: str, *, subset: str = "", split: str = "train") -> Iterator[Row]:
    """Read the rows of a data set of the hub.

    Args:
        name: Its name.
        revision: A commit, tag or branch.
        subset: Its configuration, where it has several.
        split: Which of its splits.

    Yields:
        Row: A row.

    Raises:
        RecordError: It cannot be reached or read, has no such subset or split, or is made by code of its own.
    """
    import datasets

    called = f"{name}@{revision}"
    try:
        rows: Any = datasets.load_dataset(name, subset or None, revision=revision, split=split, streaming=True)
        for number, values in enumerate(rows, start=1):
            row = {column: plain(value) for column, value in values.items()}
            yield Row(f"{called} ({split}), row {number}", row)
    except RuntimeError as error:
        if "scripts are no longer supported" in str(error):
            raise RecordError(
                f"{called} is made by code of its own ({error}), which is never run; take a revision that holds "
                "Parquet or JSON, or save its rows to a file and import that"
            ) from None
        raise RecordError(f"{called} cannot be read: {error}") from None
    except (OSError, ValueError, KeyError, datasets.exceptions.DatasetsError) as error:
        first = (str(error).split("\n") or [""])[0]
        raise RecordError(
            f"{called} cannot be read: {type(error).__name__}: {first}; see the name, --subset, --split "
            f"{split!r} and the network"
        ) from None
