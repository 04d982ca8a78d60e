"""Names of parameters: a misspelt one is refused before the run, one of an earlier release with its new name.

Kedro would add a misspelt one given on the command line, and nobody would read it.
"""

from collections.abc import Mapping
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain.errors import ConfigError
from quintain.lifecycle.overrides import GROUP, leaves, refuse_unknown

RENAMED = {
    "warmup_share": "warmup_ratio",
    "clip_norm": "max_grad_norm",
    "least_told_apart": "min_control_accuracy",
}
"""New names of settings, by the last part of their old ones."""


def refuse_renamed(parameters: Mapping[str, Any]) -> None:
    """Look for names of an earlier release, in files and on the command line.

    Args:
        parameters: Nested parameters as Kedro merged them.

    Raises:
        ConfigError: A setting has its old name; the message gives the new one.
    """
    for name, _ in leaves(parameters):
        group, _, last = name.rpartition(".")
        if last in RENAMED:
            raise ConfigError(
                f"{name} is an old name: the setting is called `{RENAMED[last]}` now, with the same meaning and unit; "
                f"rename it under `{group or 'parameters'}` in conf/<env>/parameters_*.yml or in --params"
            )


class ParameterNamesHook:
    """Refuses a run whose parameters have a name that nobody reads."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: Any) -> None:
        """Look for old names, then read the configuration without the command line's values and compare.

        Args:
            context: Kedro's context of the run.

        Raises:
            ConfigError: A name is old, or not in the configuration; those of a student's own are the lifecycle's to
                check.
        """
        loader = context.config_loader
        refuse_renamed(loader["parameters"])
        given = loader.runtime_params
        if not given:
            return
        loader.runtime_params = {}
        try:
            known = loader["parameters"]
        finally:
            loader.runtime_params = given
        # What begins with an underscore is an anchor of a file, expanded long before the command line is read.
        read = {name: value for name, value in known.items() if not name.startswith("_")}
        refuse_unknown((name for name, _ in leaves(given) if name.partition(".")[0] != GROUP), read, "--params")
