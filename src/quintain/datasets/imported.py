"""Training data of the user's own, in whatever format: a file, a folder, or a data set of the hub."""

import dataclasses
import logging
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from quintain.errors import ConfigError, RecordError
from quintain.fields import Share
from quintain.given.columns import Columns
from quintain.given.detection import FORMATS
from quintain.given.hub_rows import hub_name
from quintain.given.importing import Importer
from quintain.given.layout import Layout
from quintain.given.opening import Choice, open_named
from quintain.records import Dropped, InstructionPair, PreferencePair

logger = logging.getLogger(__name__)

_RECORDS: dict[str, type[InstructionPair | PreferencePair]] = {
    "InstructionPair": InstructionPair,
    "PreferencePair": PreferencePair,
}
_ELSEWHERE = {
    "pairs": "instruction pairs (given_pairs)", "preferences": "preference pairs (given_preferences)",
    "instructions": "instructions alone (given_seeds)", "items": "items of a benchmark", "edits": "edits (given_edits)",
}  # fmt: skip
_PREVIEW_CHARACTERS = 200


class ImportedDataset(AbstractDataset[None, list[InstructionPair] | list[PreferencePair]]):
    """Pairs from Alpaca, ShareGPT, OpenAI's messages, TRL's columns and others, as JSON, CSV or Parquet; read only.

    Rows that are no pairs are left out with a warning, and refused where they are too many.

    Example:
        ```yaml
        given_pairs:
          type: quintain.datasets.ImportedDataset
          record: InstructionPair
          filepath: data/01_raw/given/chats.jsonl
        given_preferences:
          type: quintain.datasets.ImportedDataset
          record: PreferencePair
          hub: HuggingFaceH4/ultrafeedback_binarized@3949bf5f8c17c394422ccfab0c31ea9c20bdeb85
          split: train_prefs
        ```

    Args:
        record: `InstructionPair` or `PreferencePair`.
        filepath: A file, or a folder of files; LLaMA-Factory's dataset_info.json among them.
        hub: A data set of the hub as NAME@REVISION, instead of a file; no code of others runs.
        columns: Our name → name of the column, such as `{instruction: question, response: answer}`.
        format: Format of the rows; told by the rows where it is empty.
        datasets: Entries of a dataset_info.json; all whose file is there where it is empty.
        subset: Configuration of a data set of the hub.
        split: Split of a data set of the hub.
        most_dropped: Largest share of the rows that may be dropped; copies of earlier rows do not count.
        dropped: File of JSON lines for the dropped rows with their reasons; empty: none is written.
        metadata: Read by Kedro-Viz and dvc-sync, not by the dataset.

    Raises:
        ConfigError: Neither or both of `filepath` and `hub` are given, the revision is missing, or a column or format
            does not exist.
    """

    def __init__(
        self,
        *,
        record: Literal["InstructionPair", "PreferencePair"],
        filepath: str | None = None,
        hub: str | None = None,
        columns: dict[str, str] | None = None,
        format: str = "",  # noqa: A002 - the name of the setting
        datasets: list[str] | None = None,
        subset: str = "",
        split: str = "train",
        most_dropped: Share = 0.2,
        dropped: str = "",
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if (filepath is None) == (hub is None):
            raise ConfigError("training data comes from either `filepath` or `hub`; give one of them")
        if hub is not None and hub_name(hub) is None:
            raise ConfigError(f"hub {hub!r} must be NAME@REVISION, or the data would change by itself")
        if format and format not in FORMATS:
            raise ConfigError(f"format {format!r} does not exist; there are {', '.join(FORMATS)}")
        if record not in _RECORDS:
            raise ConfigError(f"record is {record!r}; it can be {' or '.join(_RECORDS)}")
        self._filepath = Path(filepath) if filepath else None
        self._source = str(filepath or hub)
        self._record = _RECORDS[record]
        self._layout = Layout(Columns(columns or {}), format=format, why="the catalog says so")
        self._choice = Choice(subset, split, tuple(datasets or ()))
        self._most_dropped = most_dropped
        self._dropped = Path(dropped) if dropped else None
        self.metadata = metadata

    def load(self) -> list[InstructionPair] | list[PreferencePair]:
        """Read all pairs.

        Returns:
            The pairs, in the order of the source, each once.

        Raises:
            RecordError: The source is missing or damaged, holds something else, or too many of its rows are dropped.
        """
        importer, notes = Importer(), [""]
        pairs: list[Any] = []
        dropped: list[Dropped] = []
        for named in open_named([self._source], self._layout, self._choice, notes):
            for each in importer.read(named.source, named.layout):
                if isinstance(each, Dropped):
                    dropped.append(each)
                elif isinstance(each.record, self._record):
                    pairs.append(each.record)
                else:
                    raise RecordError(
                        f"{named.source.name} holds {_ELSEWHERE[each.output]}, and {self._record.__name__} is asked "
                        "for; name it where such data belongs (globals.yml)"
                    )
        for line in (*filter(None, notes), *(report.line for report in importer.reports)):
            logger.info("%s", line)
        self._keep(dropped)
        self._require_few(dropped, importer.rows)
        return pairs

    def _keep(self, dropped: list[Dropped]) -> None:
        if self._dropped is None:
            return
        from quintain.datasets.records import RecordsDataset

        once = list({one.id: one for one in dropped}.values())
        RecordsDataset(filepath=str(self._dropped), record="Dropped").save(once)

    def _require_few(self, dropped: list[Dropped], rows: int) -> None:
        lost = [one for one in dropped if one.reason != "duplicate"]
        if not lost:
            return
        counts = ", ".join(f"{count} {why}" for why, count in Counter(one.reason for one in lost).most_common())
        said = f"{self._source}: {len(lost)} of {rows} rows are dropped: {counts}, such as {lost[0].where}"
        if len(lost) == rows or len(lost) > self._most_dropped * rows:
            raise RecordError(
                f"{said}; that is more than `most_dropped` of the catalog allows ({self._most_dropped:.0%}). "
                "`quintain data import` lists every one of them"
            )
        logger.warning("%s", said)

    def preview(self, nrows: int = 10) -> TablePreview:
        """First pairs as a table for Kedro-Viz."""
        columns = [each.name for each in dataclasses.fields(self._record) if each.name != "origin"]
        named = next(open_named([self._source], self._layout, self._choice, []))
        found = (each for each in Importer().read(named.source, named.layout) if not isinstance(each, Dropped))
        rows = [
            [str(getattr(each.record, name, ""))[:_PREVIEW_CHARACTERS] for name in columns]
            for each in islice(found, nrows)
        ]
        return TablePreview({"index": list(range(len(rows))), "columns": columns, "data": rows})

    def save(self, data: None) -> None:
        """Refuse: this data is somebody else's.

        Args:
            data: Ignored.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._source} is only read; save records with quintain.datasets.RecordsDataset")

    def _exists(self) -> bool:
        return self._filepath is None or self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"source": self._source, "record": self._record.__name__}
