"""Content hash of a model folder, its kind, and the base of an adapter."""

import hashlib
import json
import time
from pathlib import Path

from quintain.errors import ModelError

_CHUNK_BYTES = 1 << 20

# Weights, configuration, tokenizer, chat template. A model card, a scorecard or the state of a trainer beside them does
# not change what the model says.
_ENDINGS = {".safetensors", ".bin", ".json", ".jinja", ".txt", ".model"}
MODEL_REPORT = "model_report.json"
"""File in an imported model's folder that says what it is and how its chat template behaves."""

_EVIDENCE = {MODEL_REPORT, "scorecard.json", "lineage.json"}
_STATE_OF_A_TRAINER = {"training_args.bin", "trainer_state.json", "optimizer.pt", "scheduler.pt", "rng_state.pth"}

FileState = tuple[int, ...]
_digests: dict[tuple[tuple[str, FileState], ...], str] = {}
"""States of a folder's files that this process has hashed: every node asks for the digest of the same gigabytes."""
_SETTLED_SECONDS = 2.0
"""Age from which a file's times tell of every change: a clock that ticks in milliseconds misses one within its tick."""

# Formats that run code of whoever wrote them when they are opened.
_PICKLES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}


def holds_model(folder: Path) -> bool:
    """True when a folder holds a model, or an adapter of one, in Hugging Face layout."""
    return (folder / "config.json").is_file() or (folder / "adapter_config.json").is_file()


def require_model(folder: Path) -> None:
    """Refuse a folder without a model, whose path transformers would take for a name on the hub, and pickled weights.

    Args:
        folder: Where a model should be.

    Raises:
        ModelError: There is no model in the folder, or its weights are pickles.
    """
    if not holds_model(folder):
        raise ModelError(
            f"{folder} {'holds no model' if folder.is_dir() else 'does not exist'}: neither config.json nor "
            "adapter_config.json is there; run the pipeline that trains it, or name a folder in Hugging Face layout"
        )
    pickles = [path.name for path in _pickles(folder)]
    if pickles and not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"{folder} has its weights in {', '.join(pickles)}, a format that can run anybody's code when it is "
            "opened; only safetensors are read. Take the model's safetensors, or convert it on a machine that you can "
            "lose, with `save_pretrained` of transformers"
        )


def require_shards(folder: Path) -> None:
    """Refuse a folder that lacks one of the files that its weights are spread over.

    Args:
        folder: Folder of a whole model.

    Raises:
        ModelError: A file is missing, or the index is damaged.
    """
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file() or not index.is_file():
        return
    try:
        named = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        shards = sorted(set(map(str, named.values())))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{index} names no files of weights ({error}); fetch it again") from None
    if missing := [shard for shard in shards if not (folder / shard).is_file()]:
        raise ModelError(f"{folder} lacks {', '.join(missing)} of its {len(shards)} files of weights; fetch it again")


def _pickles(folder: Path) -> list[Path]:
    """Files of a folder that could hold weights as pickles; what a trainer left of its own state is not opened."""
    return [
        path for path in sorted(folder.iterdir()) if path.suffix in _PICKLES and path.name not in _STATE_OF_A_TRAINER
    ]


def model_files(folder: Path) -> list[Path]:
    """The files that make a model what it is, in the order of their names."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in _ENDINGS and path.name not in _STATE_OF_A_TRAINER and path.name not in _EVIDENCE
    ]


def file_state(path: Path) -> FileState:
    """State of a file, which is another one when it is written to or replaced."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def folder_digest(folder: Path) -> str:
    """Hash names, sizes and bytes of a model's weights, configuration and tokenizer.

    A process reads them once, until a file changes.

    Args:
        folder: Folder in Hugging Face layout.

    Returns:
        SHA-256 in hexadecimal, equal on every machine.

    Raises:
        ModelError: There is no model in the folder.
    """
    require_model(folder)
    files = model_files(folder)
    states = tuple((path.name, file_state(path)) for path in files)
    if states in _digests:
        return _digests[states]
    settled = time.time_ns() - _SETTLED_SECONDS * 1e9
    digest = hashlib.sha256()
    for path in files:
        # The length stands before the bytes, so that no two folders give one stream.
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    found = digest.hexdigest()
    if all(max(modified, changed) < settled for _, (*_, modified, changed) in states):
        _digests[states] = found
    return found


ADAPTER_NOTE = "base_model.json"
"""File in an adapter's folder that says where its base model lies, seen from there, and its digest."""


def is_adapter(folder: Path) -> bool:
    """True when a folder holds an adapter instead of a whole model."""
    return (folder / "adapter_config.json").is_file()


def base_named_by(adapter: Path) -> Path:
    """The folder that an adapter names as its base model, not looked at."""
    note = adapter / ADAPTER_NOTE
    if note.is_file():
        return (adapter / json.loads(note.read_text(encoding="utf-8"))["path"]).resolve()
    settings = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    return Path(settings["base_model_name_or_path"])


def base_of(adapter: Path) -> Path:
    """Find the model under an adapter.

    Args:
        adapter: Folder of the adapter.

    Returns:
        Folder of its base model: the one that was noted with its digest, or for an adapter from elsewhere the one that
        PEFT names.

    Raises:
        ModelError: The base model is missing, or is not the one that the adapter was trained on.
    """
    base = base_named_by(adapter)
    note = adapter / ADAPTER_NOTE
    if note.is_file():
        noted = json.loads(note.read_text(encoding="utf-8"))
        found = folder_digest(base)
        if found != noted["digest"]:
            raise ModelError(
                f"{adapter} is an adapter for a base model with digest {noted['digest'][:12]}, but {base} has "
                f"{found[:12]}; bring that base model back (`dvc checkout`), or train the adapter again"
            )
        return base
    if not (base / "config.json").is_file():
        raise ModelError(f"{adapter} is an adapter for the model {base}, which is no folder here; download it there")
    require_model(base)
    return base
