"""Patterns of the catalog, each compiled once: Kedro compiles every one anew for every name that it compares.

A start of `kedro run` makes some 36,000 such comparisons: in the check of the configuration, in the preflight and in
Kedro's catalog.
"""

import functools
from typing import Any

import parse
from kedro.io import catalog_config_resolver

_compiled = functools.cache(parse.compile)


def install() -> None:
    """Let Kedro's catalog compare names with compiled patterns, for as long as this process lasts."""
    catalog_config_resolver.parse = _parse


def _parse(pattern: str, name: str) -> Any:
    """Fields of a name by a pattern, as `parse.parse` finds them; None where they do not match."""
    return _compiled(pattern).parse(name)
