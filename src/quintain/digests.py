"""What a model folder is, by its content."""

import hashlib
from pathlib import Path

from quintain.errors import ModelError

_CHUNK_BYTES = 1 << 20

# Weights, configuration, tokenizer, chat template. A model card or the state of a trainer beside them does not change
# what the model says.
_ENDINGS = {".safetensors", ".bin", ".json", ".jinja", ".txt", ".model"}
_STATE_OF_A_TRAINER = {"training_args.bin", "trainer_state.json"}


def folder_digest(folder: Path) -> str:
    """Hash names, sizes and bytes of a model's weights, configuration and tokenizer.

    Args:
        folder: Folder in Hugging Face layout.

    Returns:
        SHA-256 in hexadecimal, equal on every machine and equal to the digest of a ModelRef.

    Raises:
        ModelError: There is no model in the folder.
    """
    if not (folder / "config.json").is_file() and not (folder / "adapter_config.json").is_file():
        raise ModelError(
            f"{folder} {'holds no model' if folder.is_dir() else 'does not exist'}: neither config.json nor "
            "adapter_config.json is there; run the pipeline that trains it, or name a folder in Hugging Face layout"
        )
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix not in _ENDINGS or path.name in _STATE_OF_A_TRAINER:
            continue
        # The length stands before the bytes, so that no two folders give one stream.
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()
