"""Data validation: Great Expectations suites as visible check and gate nodes at the pipelines' boundaries."""

from quintain.quality.nodes import checked

__all__ = ["checked"]
