"""The library behind this room: imported when a task is opened, with one error where it is not installed."""

import importlib
import importlib.metadata
import importlib.util
import logging
from types import ModuleType

from quintain.errors import ConfigError


def library(module: str) -> ModuleType:
    """Import a module of lm-evaluation-harness.

    Args:
        module: Its name below `lm_eval`.

    Returns:
        The module.

    Raises:
        ConfigError: The library is not installed.
    """
    if not installed():
        raise ConfigError(
            "a benchmark of the kind `harness` needs lm-evaluation-harness: `pip install 'quintain[benchmarks]'`, or "
            "take the benchmark out of lifecycle.yml"
        )
    found = importlib.import_module(f"lm_eval.{module}")
    # It warns of every default that a task file leaves to it, once for each of a suite's tasks.
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    return found


def installed() -> bool:
    """True where lm-evaluation-harness is installed."""
    return importlib.util.find_spec("lm_eval") is not None


def version() -> str:
    """Version of the library, which is part of the rules: another one may filter and compare otherwise."""
    return importlib.metadata.version("lm_eval") if installed() else "none"
