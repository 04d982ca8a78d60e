"""A student that somebody else made: a local folder, or a model of the Hugging Face hub at a pinned revision."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.datasets.atomic import written
from quintain.datasets.model_ref import ModelRef, model_ref
from quintain.errors import ModelError, RecordError
from quintain.models.folder import holds_model

# Weights as safetensors, never pickles; no code.
_WANTED = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model")


class ForeignModelDataset(AbstractDataset[ModelRef, ModelRef]):
    """Reference to a model that no pipeline writes.

    A local folder is used where it lies. A model of the hub is fetched once, safetensors and tokenizer only, into the
    project, where DVC can keep it like any other student.

    Example:
        ```yaml
        base.model@ref:
          type: quintain.datasets.ForeignModelDataset
          source: Qwen/Qwen2.5-0.5B-Instruct
          revision: 7ae557604adf67be50417f59c2c2f167def9a775
          filepath: data/06_models/base
        ```

    Args:
        source: A folder in Hugging Face layout, or `owner/name` on the hub.
        filepath: Where a model of the hub is kept.
        revision: Commit on the hub; a branch such as `main` is refused, since it moves.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(
        self, *, source: str, filepath: str, revision: str = "", metadata: dict[str, Any] | None = None
    ) -> None:
        self._source = source
        self._revision = revision
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> ModelRef:
        """Find the model, fetching it when it is missing.

        Returns:
            Its folder, digest and size.

        Raises:
            ModelError: It is neither a folder nor to be had from the hub, or its revision is not pinned.
        """
        if Path(self._source).is_dir():
            return model_ref(Path(self._source))
        if not holds_model(self._filepath):
            self._fetch()
        return model_ref(self._filepath)

    def save(self, data: ModelRef) -> None:
        """Refuse: somebody else made it.

        Args:
            data: Not looked at.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._source} is a model from elsewhere and is only read")

    def _fetch(self) -> None:
        if self._source.count("/") != 1:
            raise ModelError(
                f"the student {self._source} is no folder here, and no model of the hub, which reads owner/name; "
                "mend `student` in conf/hub/globals.yml"
            )
        if len(self._revision) != 40:
            raise ModelError(
                f"the student {self._source} needs the revision it is pinned to, the 40 digits of a commit on its "
                f"page, got {self._revision!r}; set `student.revision` in conf/hub/globals.yml"
            )
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        with written(self._filepath) as temporary:
            try:
                snapshot_download(
                    self._source, revision=self._revision, local_dir=temporary, allow_patterns=list(_WANTED)
                )
            except (HfHubHTTPError, LocalEntryNotFoundError, ConnectionError) as error:
                raise ModelError(
                    f"the student {self._source} could not be fetched from the hub: {str(error).splitlines()[0]}. "
                    "Name a local folder in conf/hub/globals.yml, or give this machine access"
                ) from None

    def _exists(self) -> bool:
        return Path(self._source).is_dir() or holds_model(self._filepath)

    def _describe(self) -> dict[str, Any]:
        return {"source": self._source, "revision": self._revision, "filepath": str(self._filepath)}
