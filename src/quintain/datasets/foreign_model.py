"""A model that somebody else made: a local folder, or a model of the Hugging Face hub at a pinned revision."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.errors import ModelError, RecordError
from quintain.models.finite import require_finite
from quintain.models.folder import folder_digest
from quintain.models.stated_licence import stated_licence

# Weights as safetensors, never pickles; no code. The card states the licence.
_WANTED = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model", "README.md")


@dataclass(frozen=True, kw_only=True)
class ForeignModel:
    """A model from elsewhere, on this machine."""

    source: str
    """The folder, or `owner/name` on the hub, as it was named."""
    revision: str = ""
    """Commit on the hub; empty for a folder."""
    path: str
    """Folder in which it lies now."""
    digest: str
    """Content hash of its weights, configuration and tokenizer."""
    licence: str = ""
    """Licence that it states; empty: none."""


class ForeignModelDataset(AbstractDataset[ForeignModel, ForeignModel]):
    """A model that no pipeline writes, found in its folder or fetched from the hub, safetensors and tokenizer only.

    Example:
        ```yaml
        student.source:
          type: quintain.datasets.ForeignModelDataset
          source: Qwen/Qwen2.5-0.5B-Instruct
          revision: 7ae557604adf67be50417f59c2c2f167def9a775
        ```

    Args:
        source: A folder in Hugging Face layout, or `owner/name` on the hub.
        revision: Commit on the hub; a branch such as `main` is refused, since it moves.
        setting: Group of globals.yml that names it, for messages.
        metadata: Read by Kedro-Viz and dvc-sync, not by the dataset.
    """

    def __init__(
        self, *, source: str, revision: str = "", setting: str = "student", metadata: dict[str, Any] | None = None
    ) -> None:
        self._source = source
        self._revision = revision
        self._setting = setting
        self.metadata = metadata

    def load(self) -> ForeignModel:
        """Find the model, fetching it into the hub's own cache when it is not there.

        Returns:
            Source, revision, folder, digest and licence.

        Raises:
            ModelError: It is neither a folder nor to be had from the hub, its revision is not pinned, or its weights
                are no numbers.
        """
        is_folder = bool(self._source) and Path(self._source).is_dir()
        folder = Path(self._source) if is_folder else self._fetch()
        digest = folder_digest(folder)
        require_finite(folder)
        return ForeignModel(
            source=self._source,
            revision="" if is_folder else self._revision,
            path=str(folder),
            digest=digest,
            licence=stated_licence(folder),
        )

    def save(self, data: ForeignModel) -> None:
        """Refuse: somebody else made it.

        Args:
            data: Not looked at.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._source} is a model from elsewhere and is only read")

    def _fetch(self) -> Path:
        where = f"`{self._setting}` in conf/<env>/globals.yml"
        if not self._source:
            raise ModelError(
                f"no model is named in {where}; set `{self._setting}.source` to a folder in Hugging Face layout or to "
                "owner/name on the hub with its `revision`"
            )
        if self._source.count("/") != 1:
            raise ModelError(
                f"the {self._setting} {self._source} is no folder here, and no model of the hub, which reads "
                f"owner/name; mend {where}"
            )
        if len(self._revision) != 40:
            raise ModelError(
                f"the {self._setting} {self._source} needs the revision it is pinned to, the 40 digits of a commit on "
                f"its page, got {self._revision!r}; set `{self._setting}.revision` in conf/<env>/globals.yml"
            )
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            return Path(snapshot_download(self._source, revision=self._revision, allow_patterns=list(_WANTED)))
        except (HfHubHTTPError, LocalEntryNotFoundError, ConnectionError) as error:
            raise ModelError(
                f"the {self._setting} {self._source} could not be fetched from the hub: {str(error).splitlines()[0]}. "
                "Name a local folder in conf/<env>/globals.yml, or give this machine access"
            ) from None

    def _describe(self) -> dict[str, Any]:
        return {"source": self._source, "revision": self._revision}
