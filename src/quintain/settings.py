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

from kedro.config import MissingConfigException, OmegaConfigLoader  # noqa: E402 - after the switches

from quintain.conf_files import ConfFiles  # noqa: E402
from quintain.environment import BASE, LOCAL, layers  # noqa: E402
from quintain.errors import ConfigError  # noqa: E402
from quintain.field_words import unknown  # noqa: E402
from quintain.hooks import brief_errors  # noqa: E402
from quintain.hooks.index_page import IndexPageHook  # noqa: E402
from quintain.hooks.lifecycle import LifecycleHook  # noqa: E402
from quintain.hooks.preflight import PreflightHook  # noqa: E402
from quintain.hooks.run_log import RunLogHook  # noqa: E402
from quintain.hooks.stage_times import StageTimesHook  # noqa: E402
from quintain.hooks.tracking import TrackingHooks  # noqa: E402
from quintain.hooks.unlink import UnlinkBeforeSaveHook  # noqa: E402
from quintain.hooks.unversioned_stages import UnversionedStagesHook  # noqa: E402

brief_errors.install()

HOOKS = (
    LifecycleHook(),
    PreflightHook(),
    TrackingHooks(),
    StageTimesHook(),
    UnlinkBeforeSaveHook(),
    UnversionedStagesHook(),
    IndexPageHook(),
    # Last: of those that want to be first, Kedro calls it first, and of those that want to be last, last; so the file
    # has all that is said.
    RunLogHook(),
)

# Both spellings: Kedro compares with the distribution's name, which changed over time.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow", "kedro-mlflow", "kedro-telemetry")


class ProjectConfigLoader(OmegaConfigLoader):
    """Kedro's loader with one rule for all runs: conf/base, the environment over it, conf/local over both.

    Without `--env` the environment is that of KEDRO_ENV, or else the one that is versioned.
    """

    layers: tuple[str, ...]
    """Folders of conf/ that are merged, each over those before."""

    def __init__(self, conf_source: str | Path, env: str | None = None, *arguments: Any, **settings: Any) -> None:
        brief_errors.install()  # once more: Kedro sets up its logging between the import of this module and here
        folder = Path(conf_source)
        if env and env not in (BASE, LOCAL) and not (folder / env).is_dir():
            known = sorted(each.name for each in folder.glob("*/") if each.name[0] != ".")
            raise ConfigError(f"--env {env}: {unknown(env, known)} (folders of {folder})")
        found = layers(folder.parent, env or "")
        # Kedro reads globals.yml at once; what is broken there would be a traceback.
        if broken := ConfFiles(folder, found, ("globals",)).broken:
            raise ConfigError("\n  ".join(broken))
        self.layers = tuple(found)
        self._merged: dict[str, dict[str, Any]] = {}
        # Kedro merges two folders; the third is merged here. `base` alone stays `base`: Kedro reads it once.
        super().__init__(conf_source, next((each for each in found[1:] if each != LOCAL), env or found[0]), *arguments,
                         **settings)  # fmt: skip

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Read and merge a document once, however often the check, the hooks and Kedro itself ask for it."""
        if key in self:
            return super().__getitem__(key)
        if key not in self._merged:
            self._merged[key] = self._with_local(key)
        return copy.deepcopy(self._merged[key])

    def _with_local(self, key: str) -> dict[str, Any]:
        folder = Path(self.conf_source) / LOCAL
        if LOCAL not in self.layers or self.env == LOCAL or not folder.is_dir():
            return super().__getitem__(key)
        try:
            shared = super().__getitem__(key)
        except MissingConfigException:  # a kind of file that only conf/local has, such as credentials
            shared = None
        files: set[Path] = set()
        own = self.load_and_merge_dir_config(str(folder), self.config_patterns[key], key, files, key == "credentials")
        if shared is None and not files:
            return super().__getitem__(key)  # Kedro's error names the folders
        merged: dict[str, Any] = self._merge_configs(shared or {}, own, key, str(folder))
        return merged


CONFIG_LOADER_CLASS = ProjectConfigLoader
CONFIG_LOADER_ARGS: dict[str, Any] = {
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
