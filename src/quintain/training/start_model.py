"""The student that a training starts from."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.errors import ModelError
from quintain.models.folder import is_adapter
from quintain.models.open_folder import open_tokenizer, open_weights
from quintain.models.vocabulary import require_embeddings
from quintain.training.gpu_libraries import four_bits, with_liger
from quintain.training.packing import attention_of_packs
from quintain.training.processes import local_rank
from quintain.training.trainer_settings import TrainerParams

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def open_start(
    folder: Path, *, trains_all: bool = False, **settings: Any
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """Open a student with its tokenizer, in single precision unless the settings say otherwise.

    An adapter comes on its base model, ready to be trained on.

    Args:
        folder: Hugging Face folder.
        trains_all: Whether all weights shall be trained, which those of four bits cannot be.
        **settings: Arguments of `from_pretrained`, such as `dtype`.

    Returns:
        Model and tokenizer.

    Raises:
        ModelError: The folder holds no model or weights that are no numbers, the base model of its adapter is missing
            or another one, or the chat template writes tokens without embeddings.
    """
    import torch

    wanted = {"dtype": torch.float32, **settings}
    model = open_weights(
        folder, wanted.pop("dtype"), purpose="a model to start from", trainable=True, trains_all=trains_all, **wanted
    )
    tokenizer = open_tokenizer(folder)
    require_embeddings(folder, model, tokenizer)
    return model, tokenizer


def open_to_train(
    folder: Path, params: TrainerParams, *, packed: bool = False
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """Open a student as its training needs it.

    Weights that are trained are in float32: an optimiser loses small steps in half precision. They begin as numbers of
    the format that the training computes in, so that a policy starts where its reference stands. Weights under an
    adapter are in that format, or in four bits.

    Args:
        folder: Hugging Face folder.
        params: How it will be trained.
        packed: Several rows will stand behind each other.

    Returns:
        Model and tokenizer.

    Raises:
        ModelError: As `open_start`; or four bits are asked for without an adapter, or packed rows of a family that
            cannot keep them apart.
        ConfigError: A library that the settings ask for is not here, or cannot work here.
    """
    import torch

    settings: dict[str, Any] = {}
    if packed:
        settings["attn_implementation"] = attention_of_packs(params.number_format)
    frozen = bool(params.lora) or is_adapter(folder)
    if frozen:
        settings["dtype"] = getattr(torch, params.number_format)
    if params.quantization:
        if not frozen:
            raise ModelError(
                f"{folder} is a whole model and quantization is {params.quantization}: weights of four bits cannot be "
                "trained; set lora, such as {r: 16, target_modules: all-linear}, or take quantization out"
            )
        settings["quantization_config"] = four_bits(params.number_format)
    try:
        model, tokenizer = open_start(folder, trains_all=not frozen, **settings)
    except ModelError as error:
        if packed and isinstance(error.__cause__, ValueError) and "attention implementation" in str(error.__cause__):
            raise ModelError(
                f"{folder} cannot be trained on packed rows: its family has no attention that keeps them apart "
                f"({settings['attn_implementation']}); set packing: false"
            ) from error
        raise
    if not frozen and params.number_format == "bfloat16":
        for weight in model.parameters():
            weight.data = weight.data.bfloat16().float()
    if params.liger:
        with_liger(model)
    return model, tokenizer


def on_device(model: "PreTrainedModel") -> "PreTrainedModel":
    """Move a model to where this process trains: its own GPU where there is one."""
    import torch

    if not torch.cuda.is_available() or getattr(model, "is_quantized", False):  # four bits were made there
        return model
    return model.to(torch.device("cuda", local_rank()))  # type: ignore[arg-type]  # torch's own overload
