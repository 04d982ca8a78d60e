"""The switches that keep every tool from calling home, as environment defaults.

Set before any of those libraries is imported. A user who sets a variable keeps their value. The file `.env` of a
project holds the same telemetry switches, for commands that are not started through Quintain.
"""

import os
from collections.abc import Mapping

TELEMETRY = {
    "DO_NOT_TRACK": "true",
    "KEDRO_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DVC_NO_ANALYTICS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "GX_ANALYTICS_ENABLED": "false",
    # servers that a pipeline starts for its student inherit it
    "VLLM_NO_USAGE_STATS": "1",
}
"""Variable → value by which a tool sends nothing about its use."""

_LESS_TO_READ = {
    # one bar per file saved says nothing; trainings and generations log their own progress
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}


def silence() -> None:
    """Switch off telemetry, and progress bars in logs, wherever the user has not decided otherwise."""
    _default({**TELEMETRY, **_LESS_TO_READ})


def silence_telemetry() -> None:
    """Switch off telemetry alone, wherever the user has not decided otherwise."""
    _default(TELEMETRY)


def _default(switches: Mapping[str, str]) -> None:
    for variable, value in switches.items():
        os.environ.setdefault(variable, value)
