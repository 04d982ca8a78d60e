"""Kedro's view of the project; the first module of ours that Kedro imports."""

import copy
import os
import warnings
from pathlib import Path
from typing import Any

from quintain import offline

offline.silence()
# Hugging Face tokenizers warn at every fork and cannot use threads after one; the pipelines parallelise by process.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# A student's namespace stands before a dot in dataset names on purpose; Kedro warns at each of them.
warnings.filterwarnings("ignore", message=".*contain '.' characters.*")

from kedro.config import OmegaConfigLoader  # noqa: E402 - after the switches

from quintain.environment import BASE, asked_environment, versioned_environment  # noqa: E402
from quintain.hooks import brief_errors  # noqa: E402
from quintain.hooks.lifecycle import LifecycleHook  # noqa: E402
from quintain.hooks.preflight import PreflightHook  # noqa: E402
from quintain.hooks.stage_times import StageTimesHook  # noqa: E402
from quintain.hooks.tracking import TrackingHooks  # noqa: E402
from quintain.hooks.unlink import UnlinkBeforeSaveHook  # noqa: E402

brief_errors.install()

HOOKS = (LifecycleHook(), PreflightHook(), TrackingHooks(), StageTimesHook(), UnlinkBeforeSaveHook())

# Both spellings: Kedro compares with the distribution's name, which changed over time.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow", "kedro-mlflow", "kedro-telemetry")


class ProjectConfigLoader(OmegaConfigLoader):
    """Kedro's loader, which without `--env` reads the environment of KEDRO_ENV, or else the one that is versioned.

    Where that is `base`, conf/local comes over it, as everywhere in Kedro.
    """

    def __init__(self, conf_source: str | Path, env: str | None = None, *arguments: Any, **settings: Any) -> None:
        root = Path(conf_source).parent
        if not env and not (env := asked_environment(root) or None) and (named := versioned_environment(root)) != BASE:
            env = named
        self._merged: dict[str, dict[str, Any]] = {}
        super().__init__(conf_source, env, *arguments, **settings)

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Read and merge a document once, however often the check, the hooks and Kedro itself ask for it."""
        if key in self:
            return super().__getitem__(key)
        if key not in self._merged:
            self._merged[key] = super().__getitem__(key)
        return copy.deepcopy(self._merged[key])


CONFIG_LOADER_CLASS = ProjectConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    # An environment names only what differs; the rest of a group of parameters comes from conf/base.
    "merge_strategy": {"parameters": "soft", "tracking": "soft", "promotion": "soft"},
    "config_patterns": {
        "tracking": ["tracking*"],
        "promotion": ["promotion*"],
        "lifecycle": ["lifecycle*"],
    },
}
