"""Open a model folder to ask it: weights as safetensors alone, no code of others, all weights there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from quintain.errors import ModelError, QuintainError
from quintain.models.finite import require_finite
from quintain.models.folder import base_of, is_adapter


@contextmanager
def opening(folder: Path, purpose: str = "a model") -> Iterator[None]:
    """Name the folder in whatever a library raises while it opens it: of a damaged file that may be anything.

    Args:
        folder: Folder in Hugging Face layout.
        purpose: What it is opened as, for the message.

    Yields:
        None: Where the folder is opened.

    Raises:
        ModelError: It could not be opened.
    """
    try:
        yield
    except (QuintainError, MemoryError):
        raise
    except Exception as error:
        kind = "" if isinstance(error, OSError | ValueError | RuntimeError) else f"{type(error).__name__}: "
        raise ModelError(
            f"{folder} could not be opened as {purpose}: {kind}{error}. Bring the folder back (`dvc checkout`), or "
            "make it again"
        ) from error


def device_named(device: str) -> str:
    """Name of a torch device; for `auto` a GPU where there is one."""
    import torch

    if device != "auto":
        return device
    return "cuda" if torch.cuda.is_available() else "cpu"


def open_model(folder: Path, device: str, dtype: str) -> tuple[Any, Any]:
    """Open a folder, full weights or adapter, to ask it.

    Args:
        folder: Folder in Hugging Face layout.
        device: Torch device.
        dtype: Number format of the weights; `auto` takes them as they are stored.

    Returns:
        Model and tokenizer.

    Raises:
        ModelError: The folder holds no whole model, weights that are no numbers, no tokenizer, or a tokenizer without a
            chat template.
    """
    import torch
    from transformers import AutoTokenizer

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(f"{folder} shall run on {device}, but torch sees no GPU; set device: cpu, or mend the driver")
    with opening(folder):
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model = _weights(folder, dtype)
    if tokenizer.chat_template is None:
        raise ModelError(
            f"the tokenizer in {folder} has no chat template; add chat_template.jinja to the folder, "
            "or start from an instruction-tuned model"
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model.to(device).eval(), tokenizer


def _weights(folder: Path, dtype: str) -> Any:
    from transformers import AutoModelForCausalLM

    base = base_of(folder) if is_adapter(folder) else folder
    for each in {base, folder}:
        require_finite(each)
    opened: Any = AutoModelForCausalLM.from_pretrained(
        base,
        dtype=dtype,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        output_loading_info=True,
    )
    model, report = opened
    if report["missing_keys"]:  # transformers would go on with random numbers in their place
        some = ", ".join(sorted(report["missing_keys"])[:3])
        raise ModelError(f"{base} lacks {len(report['missing_keys'])} weights of its model, such as {some}")
    if base is folder:
        return model
    from peft import PeftModel

    return PeftModel.from_pretrained(model, str(folder), local_files_only=True)


def end_tokens(model: Any, tokenizer: Any) -> set[int]:
    """Ids of the tokens that end a completion, by the model's configuration and by its tokenizer."""
    configured = model.generation_config.eos_token_id
    stops = configured if isinstance(configured, list) else [configured]
    return {stop for stop in (*stops, tokenizer.eos_token_id) if stop is not None}
