"""Kedro datasets: records, raw pages, Hugging Face model folders, references to them."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quintain.datasets.model_folder import HFModelDataset
    from quintain.datasets.model_ref import ModelRef, ModelRefDataset
    from quintain.datasets.records import RecordsDataset
    from quintain.datasets.warc import WarcDataset

_HOMES = {
    "HFModelDataset": "model_folder",
    "ModelRef": "model_ref",
    "ModelRefDataset": "model_ref",
    "RecordsDataset": "records",
    "WarcDataset": "warc",
}
__all__ = ["HFModelDataset", "ModelRef", "ModelRefDataset", "RecordsDataset", "WarcDataset"]


def __getattr__(name: str) -> Any:
    """Import a dataset when it is asked for: a catalog names few of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
