"""Rows of Parquet, read in batches."""

import base64
import datetime
import decimal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quintain.errors import RecordError
from quintain.given.rows import Row

_BATCH_ROWS = 256


def parquet_rows(path: Path) -> Iterator[Row]:
    """Read the rows of a Parquet file.

    Args:
        path: The file.

    Yields:
        Row: A row; null fields of an object inside of it are left out, since Parquet cannot leave them out itself.

    Raises:
        RecordError: The file is damaged.
    """
    import pyarrow
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(f"{path}, row {number}", {name: plain(value) for name, value in values.items()})
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} is no whole Parquet file ({error}); fetch it again") from None


def plain(value: Any) -> Any:
    """A value as JSON can have it: times as ISO 8601, decimals as text, bytes in base 64."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value) if isinstance(value, decimal.Decimal | datetime.timedelta) else value
