"""A model and its tokenizer as an ordinary Hugging Face folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from quintain.datasets import atomic
from quintain.datasets.model_ref import model_ref

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    ModelPair = tuple[PreTrainedModel, PreTrainedTokenizerBase]


class HFModelDataset(AbstractDataset["ModelPair", "ModelPair"]):
    """Model and tokenizer in one folder, safetensors only; a save swaps the whole folder.

    In-place writes would corrupt a DVC cache that hard-links its files, and a killed save would leave half a model.

    Example:
        ```yaml
        "{student}.model@hf":
          type: quintain.datasets.HFModelDataset
          filepath: data/06_models/{student}
        ```
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> "ModelPair":
        """Open model and tokenizer from the folder, never from the network.

        Raises:
            ModelError: There is no model in the folder.
        """
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model_ref(self._filepath)  # transformers would take a missing folder for a name on the hub
        return (
            AutoModelForCausalLM.from_pretrained(self._filepath, local_files_only=True),
            AutoTokenizer.from_pretrained(self._filepath, local_files_only=True),
        )

    def save(self, data: "ModelPair") -> None:
        """Write model and tokenizer beside the folder, then swap.

        Raises:
            RecordError: The disk refused; the former folder is untouched.
        """
        model, tokenizer = data
        with atomic.written(self._filepath) as temporary:
            model.save_pretrained(temporary, safe_serialization=True)
            tokenizer.save_pretrained(temporary)

    def _exists(self) -> bool:
        return (self._filepath / "config.json").is_file() or (self._filepath / "adapter_config.json").is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
