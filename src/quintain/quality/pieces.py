"""A dataset held against its suite piece by piece, so that it never lies in one table.

What an expectation says of each row is counted in every piece and summed up. Whether values are unique is told by their
hashes over all pieces, and the number of rows by counting. Anything else an expectation may say of a whole column, such
as its mean, is evaluated on a table of the columns that it names and no others.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from quintain.quality.check import MOST_EXAMPLES, PIECE_RECORDS, Report, as_frame, check_frame, plain, short
from quintain.records import Record
from quintain.text.streams import batched

if TYPE_CHECKING:
    import pandas as pd

_UNIQUE = "expect_column_values_to_be_unique"
_ROW_COUNT = "expect_table_row_count_to_be_between"
_BY_ROW = "expect_column_value"
_HASH_BYTES = 16


def check_in_pieces(name: str, records: Collection[Record], suite: Mapping[str, Any]) -> Report:
    """Validate many records against a suite.

    Args:
        name: The dataset's name, for the report.
        records: The records; they are read a few times.
        suite: The suite's YAML document.

    Returns:
        The report that `check` gives.

    Raises:
        ConfigError: The suite itself is wrong.
    """
    # An expectation that is wrong is found before the first piece.
    check_frame(name, as_frame([]), suite)
    entries = [_lifted(entry) for entry in suite["expectations"]]
    by_row = [entry for entry in entries if str(entry["type"]).startswith(_BY_ROW) and entry["type"] != _UNIQUE]
    whole = [entry for entry in entries if entry not in by_row]
    outcomes = _summed(name, records, by_row) if by_row else []
    for entry in whole:
        kwargs = dict(entry.get("kwargs") or {})
        if entry["type"] == _UNIQUE:
            outcomes.append(_unique(records, kwargs["column"], float(entry.get("mostly", 1.0))))
        elif entry["type"] == _ROW_COUNT:
            outcomes.append(_row_count(len(records), kwargs))
        else:
            outcomes += _on_columns(name, records, entry)
    outcomes.sort(key=lambda outcome: (outcome["passed"], json.dumps(outcome, sort_keys=True)))
    return {
        "dataset": name,
        "passed": all(outcome["passed"] for outcome in outcomes),
        "n_records": len(records),
        "n_failed": sum(not outcome["passed"] for outcome in outcomes),
        "expectations": outcomes,
    }


def _lifted(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry with `mostly` beside its arguments, where it may stand as well: it is about the whole, not a piece."""
    kwargs = dict(entry.get("kwargs") or {})
    return entry if "mostly" not in kwargs else {**entry, "mostly": kwargs.pop("mostly"), "kwargs": kwargs}


def _frames(records: Collection[Record]) -> "Iterator[pd.DataFrame]":
    return map(as_frame, batched(records, PIECE_RECORDS))


def _summed(name: str, records: Collection[Record], entries: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Outcomes of expectations about single rows, over all pieces."""
    # Without `mostly` a piece fails on one row; what the whole bears is decided on the sums.
    strict = {"expectations": [{key: value for key, value in entry.items() if key != "mostly"} for entry in entries]}
    totals: dict[str, dict[str, Any]] = {}
    failing: Counter[str] = Counter()
    for frame in _frames(records):
        for outcome in check_frame(name, frame, strict)["expectations"]:
            if outcome["type"] == _ROW_COUNT:
                continue
            key = json.dumps([outcome["type"], outcome["column"], outcome["arguments"]], sort_keys=True)
            total = totals.setdefault(key, outcome | {"n_unexpected": 0, "examples": [], "problem": ""})
            total["n_unexpected"] += outcome["n_unexpected"]
            total["examples"] = [*total["examples"], *outcome["examples"]][:MOST_EXAMPLES]
            total["problem"] = total["problem"] or outcome["problem"]
            failing[key] += not outcome["passed"]
    mostly = {_key(entry): float(entry.get("mostly", 1.0)) for entry in entries}
    for key, total in totals.items():
        least = mostly.get(key, 1.0)
        share = total["n_unexpected"] / len(records)
        total["share_unexpected"] = round(share, 4)
        total["passed"] = not total["problem"] and (1 - share >= least if least < 1 else not failing[key])
        if least < 1:
            total["arguments"] = total["arguments"] | {"mostly": least}
    return list(totals.values())


def _key(entry: Mapping[str, Any]) -> str:
    kwargs = dict(entry.get("kwargs") or {})
    column = kwargs.get("column", "")
    arguments = {key: value for key, value in kwargs.items() if not key.startswith("column")}
    return json.dumps([entry["type"], column, arguments], sort_keys=True)


def _unique(records: Collection[Record], column: str, mostly: float) -> dict[str, Any]:
    """Outcome of the expectation that no value occurs twice; hashes stand for the values."""
    counts = Counter(digest for digest, _, _ in _digests(records, column))
    repeated = {digest for digest, count in counts.items() if count > 1}
    n_unexpected = sum(counts[digest] for digest in repeated)
    examples: list[dict[str, Any]] = []
    if repeated:
        found = (
            {column: short(value), **({} if column == "id" or not record_id else {"id": record_id})}
            for digest, value, record_id in _digests(records, column)
            if digest in repeated
        )
        examples = list(islice(found, MOST_EXAMPLES))
    share = n_unexpected / len(records)
    return {
        "type": _UNIQUE,
        "column": column,
        "arguments": {"mostly": mostly} if mostly < 1 else {},
        "passed": 1 - share >= mostly if mostly < 1 else not repeated,
        "n_unexpected": n_unexpected,
        "share_unexpected": round(share, 4),
        "examples": examples,
        "observed": None,
        "problem": "",
    }


def _digests(records: Collection[Record], column: str) -> Iterator[tuple[bytes, Any, str]]:
    """Hash, value and id of each record that has a value."""
    for record in records:
        value = plain(getattr(record, column))
        if value is not None:
            text = str(value).encode("utf-8", "surrogatepass")
            yield hashlib.blake2b(text, digest_size=_HASH_BYTES).digest(), value, getattr(record, "id", "")


def _row_count(rows: int, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    least, most = kwargs.get("min_value"), kwargs.get("max_value")
    return {
        "type": _ROW_COUNT,
        "column": "",
        "arguments": dict(kwargs),
        "passed": (least is None or rows >= least) and (most is None or rows <= most),
        "n_unexpected": 0,
        "share_unexpected": 0.0,
        "examples": [],
        "observed": rows,
        "problem": "",
    }


def _on_columns(name: str, records: Collection[Record], entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Outcome of an expectation about whole columns, on a table of those columns alone."""
    import pandas as pd

    named = {value for value in (entry.get("kwargs") or {}).values() if isinstance(value, str)}
    parts = [frame[[column for column in frame.columns if column in named]] for frame in _frames(records)]
    report = check_frame(name, pd.concat(parts, ignore_index=True), {"expectations": [entry]})
    return list(report["expectations"])
