"""The configuration of this repository as Kedro reads it."""

from pathlib import Path
from typing import Any

import yaml
from kedro.config import OmegaConfigLoader

REPOSITORY = Path(__file__).parents[1]


def configuration(environment: str) -> OmegaConfigLoader:
    """Base with an environment over it, merged as settings.py tells Kedro to.

    Kedro keeps one set of globals per process: read one environment before asking for the next.
    """
    return OmegaConfigLoader(
        conf_source=str(REPOSITORY / "conf"),
        base_env="base",
        default_run_env=environment,
        merge_strategy={"parameters": "soft"},
    )


def expectations(*names: str) -> dict[str, Any]:
    """Suites of conf/base by the dataset that they guard."""
    folder = REPOSITORY / "conf/base/expectations"
    return {name: yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8")) for name in names}
