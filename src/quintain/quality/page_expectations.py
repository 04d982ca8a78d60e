"""Expectations about pages that Great Expectations lacks: licences that are allowed, and no personal data.

They say of a finished dataset what the filters of `synthesis.extraction` say of a page on its way, by the same rules,
so a suite holds the filters to their word and counts what is there where they are off.

```yaml
- type: expect_column_values_to_be_allowed_licences
  kwargs: {column: licence, allowed: [cc-by, cc0]}
- type: expect_column_values_to_hold_no_personal_data
  kwargs: {column: text, kinds: [mail, phone, iban, card]}
  mostly: 0.99
```
"""

from typing import Any

import pandas as pd
from great_expectations.compatibility import pydantic
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)

from quintain.text.licences import is_allowed, require_known
from quintain.text.personal_data import KINDS, find_personal


class ColumnValuesAllowedLicences(ColumnMapMetricProvider):
    """Rows whose licence is on a list."""

    condition_metric_name = "column_values.allowed_licences"
    condition_value_keys = ("allowed",)
    filter_column_isnull = False

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, allowed: list[str], **_: Any) -> pd.Series:  # noqa: N805 - made one of the class
        named = column.fillna("").astype(str)
        return named.map({licence: is_allowed(licence, allowed) for licence in named.unique()})


class ExpectColumnValuesToBeAllowedLicences(ColumnMapExpectation):
    """Expect each licence to be on a list, in any spelling; `unstated` stands for none."""

    allowed: list[str] = pydantic.Field(description="Licences, as in synthesis.extraction.licences.")
    map_metric = "column_values.allowed_licences"
    success_keys = ("allowed", "mostly")
    args_keys = ("column", "allowed")

    @pydantic.validator("allowed")
    def _known(cls, allowed: list[str]) -> list[str]:  # noqa: N805 - made one of the class
        if not allowed:
            raise ValueError("allowed must name a licence; leave the expectation out where any will do")
        require_known(allowed)
        return allowed


class ColumnValuesHoldNoPersonalData(ColumnMapMetricProvider):
    """Rows whose text has no personal data of some kinds."""

    condition_metric_name = "column_values.hold_no_personal_data"
    condition_value_keys = ("kinds",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, kinds: list[str], **_: Any) -> pd.Series:  # noqa: N805 - made one of the class
        return column.astype(str).map(lambda text: not find_personal(text, kinds))


class ExpectColumnValuesToHoldNoPersonalData(ColumnMapExpectation):
    """Expect no text to hold mail addresses, telephone numbers, IBANs or card numbers."""

    kinds: list[str] = pydantic.Field(description="Kinds, as in synthesis.extraction.personal_kinds.")
    map_metric = "column_values.hold_no_personal_data"
    success_keys = ("kinds", "mostly")
    args_keys = ("column", "kinds")

    @pydantic.validator("kinds")
    def _known(cls, kinds: list[str]) -> list[str]:  # noqa: N805 - made one of the class
        if not kinds or set(kinds) - set(KINDS):
            raise ValueError(f"kinds must be some of {', '.join(KINDS)}, got {kinds}")
        return kinds
