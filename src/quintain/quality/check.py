"""Hold a dataset against its suite and report, whatever the outcome."""

import dataclasses
import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quintain.errors import ConfigError
from quintain.quality.suites import expectation_suite
from quintain.records import Record

if TYPE_CHECKING:
    import pandas as pd

_MOST_EXAMPLES = 5

Report = dict[str, Any]


def as_frame(records: Sequence[Record]) -> "pd.DataFrame":
    """One row per record; nested fields become JSON text, since expectations look at plain values."""
    import pandas as pd

    def plain(value: Any) -> Any:
        if value is None or isinstance(value, str | int | float | bool):
            return value
        return json.dumps(dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value, default=_as_dict)

    columns = [field.name for field in dataclasses.fields(records[0])] if records else []
    return pd.DataFrame([[plain(getattr(record, name)) for name in columns] for record in records], columns=columns)


def _as_dict(value: Any) -> Any:
    return dataclasses.asdict(value)


def check(name: str, records: Sequence[Record], suite: Mapping[str, Any]) -> Report:
    """Validate records against a suite.

    Args:
        name: The dataset's name, for the report.
        records: What is about to cross the boundary.
        suite: The suite's YAML document.

    Returns:
        JSON-able report: `dataset`, `passed`, `n_records`, and per expectation its type, column, arguments, outcome,
        the count and share of unexpected values, and up to 5 of them.

    Raises:
        ConfigError: The suite itself is wrong; failing data never raises here.
    """
    import great_expectations as gx

    built = expectation_suite(name, suite)
    if not records:
        return {"dataset": name, "passed": False, "n_records": 0, "expectations": [], "problem": "there are no records"}
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    frame = as_frame(records)
    batch = (
        context.data_sources.add_pandas("records")
        .add_dataframe_asset(name)
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame})
    )
    result = batch.validate(built, result_format={"result_format": "SUMMARY", "partial_unexpected_count": 20})
    expectations = [_outcome(name, one.to_json_dict()) for one in result.results]
    return {
        "dataset": name,
        "passed": bool(result.success),
        "n_records": len(records),
        "expectations": sorted(
            expectations, key=lambda outcome: (outcome["passed"], outcome["type"], outcome["column"])
        ),
    }


def _outcome(name: str, result: Mapping[str, Any]) -> dict[str, Any]:
    config, found = result["expectation_config"], result["result"]
    kwargs = {key: value for key, value in config["kwargs"].items() if key != "batch_id"}
    problem = next(
        (info["exception_message"] for info in result["exception_info"].values() if isinstance(info, dict)), ""
    )
    if "does not exist" in problem:
        raise ConfigError(f"conf/base/expectations/{name}.yml: {problem} Its columns are the fields of the record")
    return {
        "type": config["type"],
        "column": str(kwargs.pop("column", "")),
        "arguments": kwargs,
        "passed": bool(result["success"]),
        "n_unexpected": found.get("unexpected_count", 0),
        "share_unexpected": round((found.get("unexpected_percent") or 0) / 100, 4),
        "examples": found.get("partial_unexpected_list", [])[:_MOST_EXAMPLES],
        "observed": found.get("observed_value"),
    }
