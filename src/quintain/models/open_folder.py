"""Open a model folder to ask it: weights as safetensors alone, no code of others, all weights there."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from quintain.errors import ModelError, QuintainError, RecordError
from quintain.models.finite import require_finite
from quintain.models.folder import base_named_by, base_of, is_adapter, require_shards
from quintain.text.json_lines import read_json

# oneDNN keeps 1,024 compiled products, one for each width of a batch and each weight, and they grow to gigabytes: with
# 64 a training of 70 batches peaks at 2.6 instead of 3.1 GiB and takes as long. Read once, before the first product.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
# peft 0.21 and TRL 1.16 still ask transformers 5.23 under the former name, at every adapter.
warnings.filterwarnings("ignore", message=".*gradient_checkpointing.*is deprecated", category=FutureWarning)


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

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(f"{folder} shall run on {device}, but torch sees no GPU; set device: cpu, or mend the driver")
    tokenizer = open_tokenizer(folder)
    model = open_weights(folder, dtype)
    if tokenizer.chat_template is None:
        raise ModelError(
            f"the tokenizer in {folder} has no chat template; add chat_template.jinja to the folder, "
            "or start from an instruction-tuned model"
        )
    return model.to(device).eval(), tokenizer


def open_weights(
    folder: Path,
    dtype: Any,
    *,
    purpose: str = "a model",
    trainable: bool = False,
    trains_all: bool = False,
    **settings: Any,
) -> Any:
    """Open the weights of a folder; an adapter comes on its base model.

    Args:
        folder: Folder in Hugging Face layout.
        dtype: Number format of the weights; `auto` takes them as they are stored.
        purpose: What it is opened as, for messages.
        trainable: Whether an adapter shall be trained on.
        trains_all: Whether all weights shall be trained.
        **settings: Further arguments of transformers' `from_pretrained`.

    Returns:
        The model.

    Raises:
        ModelError: The folder holds no whole model, weights that are no numbers, or weights packed in a way that
            nothing here reads.
    """
    with opening(folder, purpose):
        base = base_of(folder) if is_adapter(folder) else folder
        require_shards(base)
        for each in {base, folder}:
            require_finite(each)
        model = _whole(base, dtype, trains_all=trains_all, **settings)
        if base is folder:
            return model
        from peft import PeftModel

        return PeftModel.from_pretrained(model, str(folder), is_trainable=trainable, local_files_only=True)


def _whole(folder: Path, dtype: Any, *, trains_all: bool, **settings: Any) -> Any:
    from transformers import AutoConfig

    config: Any = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    packed = getattr(config, "quantization_config", None)
    if packed and trains_all:
        raise ModelError(
            f"{folder}/config.json: the weights are quantised ({_method(packed)}), and only an adapter can be trained "
            "on such; set `lora`, or start from the unquantised model that it was made from"
        )
    try:
        model, report = opener_of(config).from_pretrained(
            folder,
            dtype=dtype,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
            **settings,
        )
    except Exception as error:
        if not packed:
            raise
        why = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
        raise ModelError(
            f"{folder}/config.json: the weights are quantised ({_method(packed)}), and could not be unpacked: {why}; "
            "install what that method needs, or take the unquantised model that it was made from"
        ) from error
    if report["missing_keys"]:  # transformers would go on with random numbers in their place
        some = ", ".join(sorted(report["missing_keys"])[:3])
        raise ModelError(f"{folder} lacks {len(report['missing_keys'])} weights of its model, such as {some}")
    return model


def _method(quantised: Any) -> str:
    named = quantised.get("quant_method") if isinstance(quantised, dict) else getattr(quantised, "quant_method", None)
    return str(getattr(named, "value", named) or "by a method that is not named")


def opener_of(config: Any) -> Any:
    """The class that opens language models, or those around which somebody built eyes."""
    from transformers import (
        MODEL_FOR_CAUSAL_LM_MAPPING,
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING,
        AutoModelForCausalLM,
        AutoModelForImageTextToText,
    )

    sees = type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING and type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    return AutoModelForImageTextToText if sees else AutoModelForCausalLM


def open_tokenizer(folder: Path) -> Any:
    """Open the tokenizer of a folder, with a token to fill short rows with.

    Args:
        folder: Folder in Hugging Face layout.

    Returns:
        The tokenizer; without a padding token of its own it fills with an end token.

    Raises:
        ModelError: The folder holds no tokenizer, or no token to fill with.
    """
    from transformers import AutoTokenizer

    with opening(folder):
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if tokenizer.pad_token_id is None:
        ends = folder_end_tokens(folder, tokenizer)
        if not ends:
            raise ModelError(
                f"the tokenizer in {folder} has neither a padding nor an end-of-sequence token; name `eos_token` in "
                "its tokenizer_config.json"
            )
        end = tokenizer.eos_token_id if tokenizer.eos_token_id in ends else min(ends)
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(end)
    return tokenizer


def folder_end_tokens(folder: Path, tokenizer: Any) -> set[int]:
    """Ids of the tokens that end a completion, by a folder's generation_config.json (or config.json) and its tokenizer.

    Args:
        folder: Folder in Hugging Face layout; of an adapter the base counts.
        tokenizer: Its tokenizer.

    Returns:
        The ids; empty when nothing names one.

    Raises:
        ModelError: The file is damaged.
    """
    whole = base_named_by(folder) if is_adapter(folder) else folder
    file = next((path for name in ("generation_config.json", "config.json") if (path := whole / name).is_file()), None)
    try:
        named = read_json(file) if file else {}
    except RecordError as error:
        raise ModelError(f"{error}; fetch it again") from None
    configs = [named, named.get("text_config")] if isinstance(named, dict) else []
    found = [config.get("eos_token_id") for config in configs if isinstance(config, dict)]
    configured: int | list[int] = next((ends for ends in found if ends is not None), [])
    stops = configured if isinstance(configured, list) else [configured]
    return {int(stop) for stop in (*stops, tokenizer.eos_token_id) if stop is not None}


def end_tokens(model: Any, tokenizer: Any) -> set[int]:
    """Ids of the tokens that end a completion, by the model's configuration and by its tokenizer."""
    configured = model.generation_config.eos_token_id
    stops = configured if isinstance(configured, list) else [configured]
    return {stop for stop in (*stops, tokenizer.eos_token_id) if stop is not None}
