"""A model and its tokenizer as an ordinary Hugging Face folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kedro.io import AbstractDataset

from quintain.datasets import atomic
from quintain.datasets.adapter import load_adapter, save_adapter
from quintain.models.finite import require_finite
from quintain.models.folder import holds_model, is_adapter, require_model
from quintain.models.open_folder import opening

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    ModelPair = tuple[PreTrainedModel | PeftModel, PreTrainedTokenizerBase]


class HFModelDataset(AbstractDataset["ModelPair", "ModelPair"]):
    """Model and tokenizer in one folder, safetensors only; a save swaps the whole folder.

    Writing in place would corrupt a DVC cache that hard-links its files, and a killed save would leave half a model.
    A model with a LoRA adapter is saved as the adapter alone, with the digest of its base model; a load puts the two
    together and refuses another base.

    Example:
        ```yaml
        "{student}.model@hf":
          type: quintain.datasets.HFModelDataset
          filepath: data/06_models/{student}
        ```

    Args:
        filepath: The folder.
        metadata: Read by Kedro-Viz, dvc-sync and the tracking hook, not by the dataset.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> "ModelPair":
        """Open model and tokenizer from the folder, never from the network.

        Returns:
            The pair, the model as it was saved.

        Raises:
            ModelError: There is no model in the folder, a file of it is damaged, its weights are no numbers, or the
                base model that its adapter needs is another one.
        """
        require_model(self._filepath)
        require_finite(self._filepath)
        from transformers import AutoModelForCausalLM, AutoTokenizer

        with opening(self._filepath):
            model = (
                load_adapter(self._filepath)
                if is_adapter(self._filepath)
                else AutoModelForCausalLM.from_pretrained(
                    self._filepath, local_files_only=True, trust_remote_code=False, use_safetensors=True
                )
            )
            tokenizer = AutoTokenizer.from_pretrained(self._filepath, local_files_only=True, trust_remote_code=False)
        return model, tokenizer

    def save(self, data: "ModelPair") -> None:
        """Write model and tokenizer beside the folder, then swap.

        Args:
            data: The pair.

        Raises:
            RecordError: The disk refused; the former folder is untouched.
            ModelError: The model is an adapter on a base that lies in no folder, or its weights are no numbers; the
                former folder is untouched.
        """
        from safetensors import SafetensorError

        model, tokenizer = data
        with atomic.written(self._filepath) as temporary:
            temporary.mkdir()
            try:
                if hasattr(model, "peft_config"):
                    save_adapter(cast("PeftModel", model), temporary)
                else:
                    model.save_pretrained(str(temporary))
                tokenizer.save_pretrained(temporary)
            except SafetensorError as error:  # how safetensors reports a full disk
                raise OSError(str(error)) from error
            require_finite(temporary)

    def _exists(self) -> bool:
        return holds_model(self._filepath)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
