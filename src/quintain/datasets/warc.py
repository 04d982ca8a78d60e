"""Raw pages from a WARC file, an HTML file or folder, or JSON lines."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from quintain.datasets import atomic
from quintain.errors import RecordError
from quintain.records import RawPage

if TYPE_CHECKING:
    from quintain.web import PageSource


class WarcDataset(AbstractDataset[list[RawPage], "PageSource"]):
    """Pages as they came from the web; loading reads none of them, so thousands of files are as good as one.

    Example:
        ```yaml
        raw_pages:
          type: quintain.datasets.WarcDataset
          filepath: data/01_raw/pages.warc.gz
          max_bytes: 5_000_000
        ```

    Args:
        filepath: A WARC file, or for loading also an HTML file, JSON lines with `url` and `html`, or a folder of such.
        max_bytes: Largest page, in bytes of HTML.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, max_bytes: int = 5_000_000, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self._max_bytes = max_bytes
        self.metadata = metadata

    def load(self) -> "PageSource":
        """Say where the pages lie; iterating reads them, a broken or oversized one as Dropped with its reason.

        Returns:
            An iterable that engines can cut into shards.

        Raises:
            RecordError: The source does not exist.
        """
        from quintain.web import read_pages

        if not self._filepath.exists():
            raise RecordError(
                f"{self._filepath} does not exist; run `kedro run --pipelines world`, or name a WARC or JSONL "
                "file or a folder of pages in conf/base/catalog_world.yml (raw_pages)"
            )
        return read_pages(self._filepath, max_bytes=self._max_bytes)

    def save(self, data: list[RawPage]) -> None:
        """Write the pages as WARC records, whole or not at all.

        Args:
            data: The pages, in order.

        Raises:
            RecordError: A page has an address that no header can hold, or the disk refused; the former file is
                untouched.
        """
        from quintain.text.web_archive import write_warc

        try:
            write_warc(data, self._filepath)
        except OSError as error:
            raise atomic.refused(self._filepath, error) from error

    def _exists(self) -> bool:
        return self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "max_bytes": self._max_bytes}
