r"""Suites of expectations, as YAML in conf/base/expectations/<dataset>.yml.

```yaml
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {column: level, min_value: 1, max_value: 5}
  - type: expect_column_values_to_match_regex
    kwargs: {column: text, regex: '\S'}
    mostly: 0.99
```

The types are those of Great Expectations and of `page_expectations`; `mostly` is the share of rows that must meet one,
and 0 counts those that do not.
"""

import warnings
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation

_KEYS = {"type", "kwargs", "mostly"}


def suite_file(name: str) -> str:
    """File of a dataset's suite."""
    return f"conf/base/expectations/{name}.yml"


def expectation_suite(name: str, suite: Mapping[str, Any], *, some_rows: bool = False) -> "ExpectationSuite":
    """Build the suite of a dataset.

    Args:
        name: The dataset's name, for messages.
        suite: The YAML document.
        some_rows: Whether to expect at least one row where the document says nothing about the number of rows.

    Returns:
        The suite, ready to be validated against.

    Raises:
        ConfigError: The document has no expectations, or one of an unknown type or with wrong arguments.
    """
    with warnings.catch_warnings():
        # Great Expectations imports a module that Python deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx

    expectations = suite.get("expectations") if isinstance(suite, Mapping) else None
    if not isinstance(expectations, list) or not expectations:
        raise ConfigError(f"{suite_file(name)} has no list `expectations`; a gate that expects nothing guards nothing")
    built = [
        _expectation(f"{suite_file(name)}, expectation {number}", entry)
        for number, entry in enumerate(expectations, start=1)
    ]
    if some_rows and not any("row_count" in str(entry["type"]) for entry in expectations):
        built.append(gx.expectations.ExpectTableRowCountToBeBetween(min_value=1))
    return gx.ExpectationSuite(name=name, expectations=built)


def _expectation(where: str, entry: Any) -> "Expectation":
    from great_expectations.exceptions.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    if not isinstance(entry, Mapping) or "type" not in entry:
        raise ConfigError(f"{where} has no `type`; write `- type: expect_…` and its `kwargs`")
    if unknown := entry.keys() - _KEYS:
        raise ConfigError(f"{where}: unknown key {', '.join(sorted(unknown))}; there are {', '.join(sorted(_KEYS))}")
    kind, kwargs = str(entry["type"]), dict(entry.get("kwargs") or {})
    if "mostly" in entry:
        kwargs["mostly"] = entry["mostly"]
    if kind not in list_registered_expectation_implementations():
        # Ours register themselves; a suite without them does not depend on what they read.
        from quintain.quality import page_expectations  # noqa: F401
    try:
        return get_expectation_impl(kind)(**kwargs)
    except ExpectationNotFoundError:
        close = get_close_matches(kind, list_registered_expectation_implementations(), n=1)
        raise ConfigError(
            f"{where}: there is no type {kind!r}{f'; did you mean {close[0]}?' if close else ''}"
        ) from None
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{where} ({kind}): {error}") from None
