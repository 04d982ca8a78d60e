"""Suites of expectations, as YAML in conf/base/expectations/<dataset>.yml.

```yaml
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {column: level, min_value: 1, max_value: 5}
```
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def expectation_suite(name: str, suite: Mapping[str, Any]) -> "ExpectationSuite":
    """Build the suite of a dataset.

    Args:
        name: The dataset's name, for messages.
        suite: The YAML document.

    Returns:
        The suite, ready to be validated against.

    Raises:
        ConfigError: The document has no expectations, or one of an unknown type or with unknown arguments.
    """
    import great_expectations as gx
    from great_expectations.exceptions import InvalidExpectationConfigurationError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    where = f"conf/base/expectations/{name}.yml"
    expectations = suite.get("expectations")
    if not expectations:
        raise ConfigError(f"{where} has no list `expectations`; a gate that expects nothing guards nothing")
    built = gx.ExpectationSuite(name=name)
    for number, expectation in enumerate(expectations, start=1):
        kind = str(expectation.get("type"))
        known = list_registered_expectation_implementations()
        if kind not in known:
            close = get_close_matches(kind, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ConfigError(f"{where}, expectation {number}: there is no type {kind!r}{hint}")
        try:
            built.add_expectation_configuration(
                ExpectationConfiguration(type=kind, kwargs=dict(expectation.get("kwargs", {})))
            )
        except (InvalidExpectationConfigurationError, ValueError) as error:
            raise ConfigError(f"{where}, expectation {number} ({kind}): {error}") from None
    return built
