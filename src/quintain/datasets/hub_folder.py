"""A folder that `datasets.load_dataset` opens and the Hugging Face hub shows: rows as Parquet, and a card."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.datasets import atomic
from quintain.errors import RecordError
from quintain.text.streams import batched

Rows = Collection[dict[str, Any]]
_CHUNK_ROWS = 1000

_ROWS = Path("data/train.parquet")
_CARD = "README.md"


class HubFolderDataset(AbstractDataset[tuple[Rows, str], tuple[Rows, str]]):
    """Rows and card of a dataset, in the layout of the Hugging Face hub; a save is whole or not at all.

    Example:
        ```yaml
        instruction_dataset:
          type: quintain.datasets.HubFolderDataset
          filepath: data/05_model_input/instruction_dataset
        ```

    Args:
        filepath: The folder.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def save(self, data: tuple[Rows, str]) -> None:
        """Write the folder.

        Args:
            data: The rows, all with the same fields, read once from the beginning to the end; and the card in Markdown
                with its YAML header.

        Raises:
            RecordError: There is no row, the rows do not fit one table, or the disk refused; the former folder is
                untouched.
        """
        import pyarrow as pa
        from pyarrow import parquet

        rows, card = data
        chunks = batched(rows, _CHUNK_ROWS)
        first = next(chunks, None)
        if first is None:
            raise RecordError(f"{self._filepath}: there is no row to write")
        with atomic.written(self._filepath) as folder:
            (folder / _ROWS).parent.mkdir(parents=True)
            try:
                table = pa.Table.from_pylist(first)
                with parquet.ParquetWriter(folder / _ROWS, table.schema) as writer:
                    writer.write_table(table)
                    for chunk in chunks:
                        writer.write_table(pa.Table.from_pylist(chunk, schema=table.schema))
            except pa.ArrowException as error:
                raise RecordError(f"{self._filepath}: the rows do not fit one table: {error}") from None
            (folder / _CARD).write_text(card, encoding="utf-8")

    def load(self) -> tuple[Rows, str]:
        """Read rows and card.

        Returns:
            Both.

        Raises:
            RecordError: The folder is missing or not whole.
        """
        from pyarrow import parquet

        try:
            table = parquet.read_table(self._filepath / _ROWS)
            return table.to_pylist(), (self._filepath / _CARD).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise RecordError(f"{error.filename or self._filepath} does not exist; run the pipeline first") from None

    def _exists(self) -> bool:
        return (self._filepath / _ROWS).is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
