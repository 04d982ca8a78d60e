"""Files and folders that a setting names: a stage that reads the setting depends on what they hold."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from quintain.versioning.parameters import PREFIX

_NAMING = {"oracle": ("world", "address"), "local": ("address",), "replay": ("address",)}
"""Backend → settings of its bindings that name a file or folder."""


def files_of_parameters(parameters: Mapping[str, Any], inputs: Iterable[str]) -> set[str]:
    """Find the files that the parameters of a stage name.

    Args:
        parameters: All parameters, merged.
        inputs: Parameters as nodes name them, such as `params:roles`.

    Returns:
        Paths as they are written: the world and the model folder or recording of a role, packs kept out of training,
        prompts of the user's own.
    """
    read = [name.removeprefix(PREFIX) for name in inputs]

    def reads(key: str) -> bool:
        return any(key == name or key.startswith(f"{name}.") for name in read)

    named = {path for key, path in _bindings(parameters) if reads(key)}
    packs = (parameters.get("decontamination") or {}).get("packs") or []
    named |= {str(path) for path in packs} if reads("decontamination.packs") else set()
    prompts = (parameters.get("prompts") or {}).get("folder")
    # Who asks a model reads its roles, and asks in the wording of these.
    return named | ({str(prompts)} if prompts and reads("roles") else set())


def _bindings(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Key of each binding that names a file, and the file."""
    bindings = (parameters.get("roles") or {}).get("bindings") or {}
    for role, binding in bindings.items():
        if isinstance(binding, Mapping):
            # An environment's binding is merged over that of base: a setting of another backend may be left in it.
            for setting in _NAMING.get(str(binding.get("backend")), ()):
                if binding.get(setting):
                    yield f"roles.bindings.{role}", str(binding[setting])


def file_of_source(root: Path, source: str) -> str | None:
    """Tell the path of a dataset's source from the name of something on the hub.

    Args:
        root: The project's folder.
        source: `source` of a catalog entry.

    Returns:
        The source where it is a file or folder; None for a name such as `Qwen/Qwen2.5-0.5B-Instruct`.
    """
    is_path = source.startswith(("/", "./", "../")) or (root / source).exists()
    return Path(source).as_posix() if is_path else None  # `./models` is `models` to DVC
