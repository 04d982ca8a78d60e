"""Hold a dataset against its suite and report, whatever the outcome."""

import dataclasses
import json
import threading
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from quintain.quality.suites import expectation_suite
from quintain.records import Record

if TYPE_CHECKING:
    import pandas as pd

PIECE_RECORDS = 2000
"""Records that are in one table together."""
MOST_EXAMPLES = 5
"""Examples of each expectation in a report."""
_MOST_OBSERVED = 20
_LONGEST_TEXT = 200

# Great Expectations keeps its context in a global, and a ThreadRunner may run two checks at once.
_ONE_AT_A_TIME = threading.Lock()

Report = dict[str, Any]


def as_frame(records: "Collection[Record] | pd.DataFrame") -> "pd.DataFrame":
    """One row per record; nested fields become JSON text, since expectations look at plain values."""
    import pandas as pd

    if isinstance(records, pd.DataFrame):
        return records
    records = list(records)
    columns = [field.name for field in dataclasses.fields(records[0])] if records else []
    return pd.DataFrame([[plain(getattr(record, name)) for name in columns] for record in records], columns=columns)


def plain(value: Any) -> Any:
    """A value as it stands in a table."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)


def check(name: str, records: Collection[Record] | Any, suite: Mapping[str, Any]) -> Report:
    """Validate a dataset against its suite; failing data gives a report, never an error.

    A dataset without rows fails, unless its suite says with `expect_table_row_count_to_be_between` that it may be
    empty.

    Args:
        name: The dataset's name, for the report.
        records: What is about to cross the boundary: records, or a pandas DataFrame. Of many records only some are in
            memory together.
        suite: The suite's YAML document.

    Returns:
        JSON-able report, the same bytes for the same data: `dataset`, `passed`, `n_records`, `n_failed`, and per
        expectation its type, column, arguments, outcome, the count and share of unexpected values, up to 5 of them
        with the record's id, the observed value, and the problem when it could not be evaluated.

    Raises:
        ConfigError: The suite itself is wrong.
    """
    if not hasattr(records, "columns") and len(records) > PIECE_RECORDS:
        from quintain.quality.pieces import check_in_pieces

        return check_in_pieces(name, records, suite)
    frame = as_frame(records)
    return check_frame(name, frame, suite)


def check_frame(name: str, frame: "pd.DataFrame", suite: Mapping[str, Any]) -> Report:
    """Validate one table.

    Args:
        name: The dataset's name, for the report.
        frame: The table.
        suite: The suite's YAML document.

    Returns:
        The report, see `check`.

    Raises:
        ConfigError: The suite itself is wrong.
    """
    expected = expectation_suite(name, suite, some_rows=frame.empty)
    if frame.columns.empty:
        named = {column for one in expected.expectations for column in _columns(one.configuration.kwargs)}
        frame = frame.reindex(columns=sorted(named))
    index = {"unexpected_index_column_names": ["id"]} if "id" in frame.columns else {}
    with _ONE_AT_A_TIME:
        result = _batch(frame).validate(
            expected,
            result_format={"result_format": "SUMMARY", "partial_unexpected_count": MOST_EXAMPLES, **index},
        )
    expectations = [_outcome(one.to_json_dict()) for one in result.results]
    expectations.sort(key=lambda outcome: (outcome["passed"], json.dumps(outcome, sort_keys=True)))
    return {
        "dataset": name,
        "passed": bool(result.success),
        "n_records": len(frame),
        "n_failed": sum(not outcome["passed"] for outcome in expectations),
        "expectations": expectations,
    }


def _batch(frame: "pd.DataFrame") -> Any:
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # Its default configuration adds a site of documents in a temporary folder, and says so.
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), progress_bars=ProgressBarsConfig(globally=False)
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    source = context.data_sources.add_pandas("records").add_dataframe_asset("records")
    return source.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})


def _columns(kwargs: Mapping[str, Any]) -> list[str]:
    return [
        column
        for key in ("column", "column_A", "column_B", "column_list", "column_set")
        for column in ([kwargs[key]] if isinstance(kwargs.get(key), str) else kwargs.get(key) or [])
    ]


def _outcome(result: Mapping[str, Any]) -> dict[str, Any]:
    config, found = result["expectation_config"], result["result"]
    kwargs = {key: value for key, value in config["kwargs"].items() if key != "batch_id"}
    columns = _columns(kwargs)
    if "unexpected_index_column_names" in found:
        examples = found.get("partial_unexpected_index_list", [])
    else:
        examples = [{", ".join(columns): value} for value in found.get("partial_unexpected_list", [])]
    return {
        "type": config["type"],
        "column": ", ".join(columns),
        "arguments": {key: value for key, value in kwargs.items() if not key.startswith("column")},
        "passed": bool(result["success"]),
        "n_unexpected": found.get("unexpected_count", 0),
        "share_unexpected": round((found.get("unexpected_percent") or 0) / 100, 4),
        "examples": [{key: short(value) for key, value in one.items()} for one in examples[:MOST_EXAMPLES]],
        "observed": short(found.get("observed_value")),
        "problem": _problem(result["exception_info"]),
    }


def short(value: Any) -> Any:
    """Cut what an example shows."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]}…"
    if isinstance(value, list):
        return [short(item) for item in value[:_MOST_OBSERVED]]
    return value


def _problem(exception_info: Mapping[str, Any]) -> str:
    # One flat entry when all went well, one entry per failed computation otherwise.
    for info in exception_info.values():
        if isinstance(info, Mapping) and info.get("raised_exception"):
            return str(info["exception_message"])
    return str(exception_info.get("exception_message") or "")
