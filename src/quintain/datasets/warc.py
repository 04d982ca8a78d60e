"""Raw pages from archives, files, tables or a data set of the hub."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from quintain.datasets import atomic
from quintain.errors import ConfigError, RecordError
from quintain.records import RawPage

if TYPE_CHECKING:
    from quintain.web import Columns, HubSource, PageSource


class WarcDataset(AbstractDataset[list[RawPage], "PageSource | HubSource"]):
    """Pages as they came from the web; loading reads none of them, so thousands of files are as good as one.

    Example:
        ```yaml
        raw_pages:
          type: quintain.datasets.WarcDataset
          filepath: data/01_raw/pages.warc.gz
          max_bytes: 5_000_000
        raw_pages:
          type: quintain.datasets.WarcDataset
          filepath: data/01_raw/articles.parquet
          columns: {text: body, url: address, licence: metadata.license}
        raw_pages:
          type: quintain.datasets.WarcDataset
          hub: {path: HuggingFaceFW/fineweb, name: sample-10BT, split: train, revision: 9bb295d}
          rows: 10_000
        ```

    Args:
        filepath: A WARC file; for loading also a WET, HTML, text or Markdown file, JSON lines or Parquet with a column
            `html`, `text` or `content`, or a folder of such.
        max_bytes: Largest page, in bytes of HTML.
        columns: Our name (`url`, `html`, `text`, `content`, `title`, `language`, `licence`) → name of the column of a
            table; the common names are found by themselves.
        hub: Arguments of `datasets.load_dataset` instead of a file; the rows are streamed. `path` may be a folder or a
            builder such as `json`, with `data_files`; a name of the hub needs a `revision`.
        rows: Rows to take from the beginning of a data set of the hub; 0 for all.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.

    Raises:
        ConfigError: Neither or both of `filepath` and `hub` are given, a name under `columns` is unknown, or the
            revision on the hub is not pinned.
    """

    def __init__(
        self,
        *,
        filepath: str | None = None,
        max_bytes: int = 5_000_000,
        columns: dict[str, str] | None = None,
        hub: dict[str, Any] | None = None,
        rows: int = 0,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if (filepath is None) == (hub is None):
            raise ConfigError("pages come from either `filepath` or `hub`; give one of them")
        if rows and hub is None:
            raise ConfigError("`rows` is for a data set of the hub; of files give fewer")
        self._filepath = Path(filepath) if filepath is not None else None
        self._max_bytes = max_bytes
        self._columns = dict(columns or {})
        self._hub = dict(hub or {})
        self._rows = rows
        if columns or hub is not None:
            self._sources()
        self.metadata = metadata

    def load(self) -> "PageSource | HubSource":
        """Say where the pages lie; iterating reads them, a broken or oversized one as Dropped with its reason.

        Returns:
            An iterable that engines can cut into shards.

        Raises:
            RecordError: The source does not exist, or has none of the columns.
        """
        from quintain.web import read_pages

        columns, hub = self._sources()
        if hub is not None:
            return hub
        assert self._filepath is not None  # noqa: S101 - one of both is there
        if not self._filepath.exists():
            raise RecordError(
                f"{self._filepath} does not exist; run `kedro run --pipelines world`, or name a file or a folder of "
                "pages in conf/base/catalog_world.yml (raw_pages)"
            )
        return read_pages(self._filepath, max_bytes=self._max_bytes, columns=columns)

    def _sources(self) -> "tuple[Columns, HubSource | None]":
        """Columns, and the source on the hub, as the settings name them; nothing is read."""
        from quintain import web

        try:
            columns = web.Columns(**self._columns)
        except TypeError:
            known = list(web.Columns.__dataclass_fields__)
            unknown = ", ".join(sorted(set(self._columns) - set(known)))
            raise ConfigError(f"columns knows {', '.join(known)}, not {unknown}") from None
        return columns, web.read_hub(self._hub, self._max_bytes, columns, self._rows) if self._hub else None

    def save(self, data: list[RawPage]) -> None:
        """Write the pages as WARC records, whole or not at all.

        Args:
            data: The pages, in order.

        Raises:
            RecordError: A page has an address that no header can hold, or the disk refused; the former file is
                untouched.
        """
        from quintain.text.web_archive import write_warc

        if self._filepath is None:
            raise RecordError(f"{self._hub.get('path')} of the hub is only read; save pages under a `filepath`")
        try:
            write_warc(data, self._filepath)
        except OSError as error:
            raise atomic.refused(self._filepath, error) from error

    def _exists(self) -> bool:
        return self._filepath is None or self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        source = {"hub": self._hub} if self._filepath is None else {"filepath": str(self._filepath)}
        return source | {"max_bytes": self._max_bytes}
