"""A LoRA adapter in a folder of its own, tied to the model it was trained on."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.datasets.model_ref import model_ref
from quintain.errors import ModelError
from quintain.models.finite import require_finite
from quintain.models.folder import ADAPTER_NOTE, base_of, holds_model

if TYPE_CHECKING:
    from peft import PeftModel


def save_adapter(model: "PeftModel", folder: Path) -> None:
    """Write the adapter, and a note of its base model: where it lies seen from here, and its digest.

    Args:
        model: A PEFT model with one adapter.
        folder: Where to write; stands beside the folder of its final name.

    Raises:
        ModelError: The base model was not loaded from a folder, so nobody could put the two together again.
    """
    config = next(iter(model.peft_config.values()))
    base = Path(config.base_model_name_or_path or "")
    if not holds_model(base):
        raise ModelError(
            f"the adapter's base model ({config.base_model_name_or_path or 'made in memory'}) is no model folder; "
            "save it through its `@hf` dataset and train the adapter on what that loads"
        )
    model.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)  # names the base by its absolute path
    # PEFT notes an absolute path too; from the project's root, where Kedro runs, this one is equal on every machine.
    stored = folder / "adapter_config.json"
    settings = json.loads(stored.read_text(encoding="utf-8")) | {"base_model_name_or_path": _relative(base, Path())}
    if isinstance(settings.get("target_modules"), list):
        settings["target_modules"].sort()  # PEFT keeps a set, whose order is another one in every process
    stored.write_text(json.dumps(settings, indent=2, sort_keys=True), encoding="utf-8")
    note = {"path": _relative(base, folder), "digest": model_ref(base).digest}
    (folder / ADAPTER_NOTE).write_text(json.dumps(note, indent=2), encoding="utf-8")


def load_adapter(folder: Path) -> "PeftModel":
    """Open the base model and put the adapter on it.

    Args:
        folder: What `save_adapter` wrote.

    Returns:
        The PEFT model, ready to generate; call `merge_and_unload` on it for a plain one.

    Raises:
        ModelError: The base model is missing, or is not the one that the adapter was trained on, or weights are no
            numbers.
    """
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = base_of(folder)
    for each in (base, folder):
        require_finite(each)
    model = AutoModelForCausalLM.from_pretrained(
        base, local_files_only=True, trust_remote_code=False, use_safetensors=True
    )
    return PeftModel.from_pretrained(model, str(folder), local_files_only=True)


def _relative(path: Path, start: Path) -> str:
    return Path(os.path.relpath(path.resolve(), start.resolve())).as_posix()
