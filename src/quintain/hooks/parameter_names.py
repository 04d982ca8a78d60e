"""A parameter given on the command line must exist: Kedro would add a misspelt one and nobody would read it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from kedro.framework.hooks import hook_impl

from quintain.errors import ConfigError


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


class ParameterNamesHook:
    """Refuses a run whose `--params` names nothing."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Read the configuration once without the command line's values and compare."""
        loader = context.config_loader
        given = loader.runtime_params
        if not given:
            return
        loader.runtime_params = {}
        try:
            known = loader["parameters"]
        finally:
            loader.runtime_params = given
        refuse_unknown(given, known)
