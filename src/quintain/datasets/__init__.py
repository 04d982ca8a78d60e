"""Kedro datasets: records, given data, pages, edits, memories, models, hub folders, files; all saves are atomic."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quintain.datasets.adopted_model import AdoptedModelDataset
    from quintain.datasets.benchmark import BenchmarkDataset
    from quintain.datasets.csv_file import CSVDataset
    from quintain.datasets.edit_cases import EditCasesDataset
    from quintain.datasets.edit_memory import EditMemoryDataset
    from quintain.datasets.figure_file import FigureDataset
    from quintain.datasets.foreign_model import ForeignModel, ForeignModelDataset
    from quintain.datasets.hub_folder import HubFolderDataset
    from quintain.datasets.imported import ImportedDataset
    from quintain.datasets.json_file import JSONDataset
    from quintain.datasets.model_folder import HFModelDataset
    from quintain.datasets.model_ref import ModelRef, ModelRefDataset
    from quintain.datasets.preference_pairs import PreferencePairsDataset
    from quintain.datasets.records import RecordsDataset
    from quintain.datasets.scorecard import ScorecardDataset
    from quintain.datasets.text_file import TextDataset
    from quintain.datasets.warc import WarcDataset

_HOMES = {
    "AdoptedModelDataset": "adopted_model",
    "BenchmarkDataset": "benchmark",
    "CSVDataset": "csv_file",
    "EditCasesDataset": "edit_cases",
    "EditMemoryDataset": "edit_memory",
    "FigureDataset": "figure_file",
    "ForeignModel": "foreign_model",
    "ForeignModelDataset": "foreign_model",
    "HFModelDataset": "model_folder",
    "HubFolderDataset": "hub_folder",
    "ImportedDataset": "imported",
    "JSONDataset": "json_file",
    "ModelRef": "model_ref",
    "ModelRefDataset": "model_ref",
    "PreferencePairsDataset": "preference_pairs",
    "RecordsDataset": "records",
    "ScorecardDataset": "scorecard",
    "TextDataset": "text_file",
    "WarcDataset": "warc",
}
__all__ = [
    "AdoptedModelDataset",
    "BenchmarkDataset",
    "CSVDataset",
    "EditCasesDataset",
    "EditMemoryDataset",
    "FigureDataset",
    "ForeignModel",
    "ForeignModelDataset",
    "HFModelDataset",
    "HubFolderDataset",
    "ImportedDataset",
    "JSONDataset",
    "ModelRef",
    "ModelRefDataset",
    "PreferencePairsDataset",
    "RecordsDataset",
    "ScorecardDataset",
    "TextDataset",
    "WarcDataset",
]


def __getattr__(name: str) -> Any:
    """Import a dataset when it is asked for: a catalog names few of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
