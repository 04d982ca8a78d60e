"""The configuration of this repository as Kedro reads it."""

from pathlib import Path

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
