"""Names of parameters: a misspelt one is refused before the run, one of an earlier release with its new name.

Kedro would add a misspelt one given on the command line, and nobody would read it.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain.errors import ConfigError

RENAMED = {
    "warmup_share": "warmup_ratio",
    "clip_norm": "max_grad_norm",
    "least_told_apart": "min_control_accuracy",
}
"""New names of settings, by the last part of their old ones."""


def leaves(parameters: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted names of all values of nested parameters."""
    for name, value in parameters.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def refuse_unknown(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Compare the names given on the command line with those of the configuration.

    Args:
        given: Nested parameters from the command line.
        known: Nested parameters from the configuration.

    Raises:
        ConfigError: A name is not in the configuration; the message offers the close ones.
    """
    names = list(leaves(known))
    for name in leaves(given):
        if any(name == other or name.startswith(f"{other}.") or other.startswith(f"{name}.") for other in names):
            continue
        close = get_close_matches(name, names, n=3) or names[:3]
        raise ConfigError(
            f"--params {name}: there is no such parameter; did you mean {', '.join(close)}? "
            "All of them are in conf/base/parameters_*.yml"
        )


def refuse_renamed(parameters: Mapping[str, Any]) -> None:
    """Look for names of an earlier release, in files and on the command line.

    Args:
        parameters: Nested parameters as Kedro merged them.

    Raises:
        ConfigError: A setting has its old name; the message gives the new one.
    """
    for name in leaves(parameters):
        group, _, last = name.rpartition(".")
        if last in RENAMED:
            raise ConfigError(
                f"{name} is an old name: the setting is called `{RENAMED[last]}` now, with the same meaning and unit; "
                f"rename it under `{group or 'parameters'}` in conf/<env>/parameters_*.yml or in --params"
            )


class ParameterNamesHook:
    """Refuses a run whose parameters have a name that nobody reads."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Look for old names, then read the configuration without the command line's values and compare."""
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
        refuse_unknown(given, known)
