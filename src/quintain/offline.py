"""No tool phones home or draws progress bars into logs: every library's off switches, as environment defaults.

Imported before any of those libraries. A user who sets a variable keeps their value.
"""

import os

_SWITCHES = {
    "DO_NOT_TRACK": "true",
    "KEDRO_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DVC_NO_ANALYTICS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "GX_ANALYTICS_ENABLED": "false",
    # one bar per file saved says nothing; trainings and generations log their own progress
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}


def silence() -> None:
    """Switch telemetry off wherever the user has not decided otherwise."""
    for variable, value in _SWITCHES.items():
        os.environ.setdefault(variable, value)
