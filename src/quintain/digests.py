"""What a model folder is, by its content."""

import hashlib
from pathlib import Path

from quintain.errors import ModelError

_CHUNK_BYTES = 1 << 20


def folder_digest(folder: Path) -> str:
    """Hash names and bytes of a model folder's files.

    Args:
        folder: Folder in Hugging Face layout.

    Returns:
        SHA-256 in hexadecimal, equal on every machine.

    Raises:
        ModelError: There is no model in the folder.
    """
    if not (folder / "config.json").is_file() and not (folder / "adapter_config.json").is_file():
        raise ModelError(
            f"{folder} holds no model: neither config.json nor adapter_config.json is there; "
            "run the pipeline that trains it, or name a folder in Hugging Face layout"
        )
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()
