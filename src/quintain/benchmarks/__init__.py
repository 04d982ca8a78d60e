"""Benchmarks: what a model is measured on, one package each behind one seam.

`Benchmark` and `Item` are public: another package offers its own benchmark with them, through an entry point of the
group `quintain.benchmarks`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quintain.benchmarks.benchmark import Benchmark, BenchmarkItem, Item

__all__ = ["Benchmark", "BenchmarkItem", "Item"]


def __getattr__(name: str) -> Any:
    """Import the seam when it is asked for: who scores a file of outputs needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.benchmark"), name)
