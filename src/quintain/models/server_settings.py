"""Settings of the backend `server`: a command that serves a model folder, and how the served model is asked."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from quintain.errors import ConfigError
from quintain.models.endpoint_settings import INHERITED, EndpointSettings, Seconds
from quintain.models.folder import base_of, is_adapter
from quintain.records import content_id

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")
_OF_ADAPTERS = {"adapter", "base"}
_PLACEHOLDERS = {"folder", "port", "name", *_OF_ADAPTERS}
_OURS = {"address", "key_env", "mode"}
# Stands in until the server has an address of its own.
_ADDRESS = "http://127.0.0.1/v1"

ENDPOINT_FIELDS = tuple(name for name in EndpointSettings.__struct_fields__ if name not in _OURS)


class ServerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a server that is started for a model folder.

    Raises:
        ValueError: A command is empty, has no `{port}`, names no model, or has an unknown placeholder.
    """

    command: tuple[str | int | float, ...]
    """Program and arguments; `{folder}`, `{port}` and `{name}` (the folder's last part) are filled in."""
    adapter_command: tuple[str | int | float, ...] = ()
    """The same for students that are adapters, with `{adapter}` and `{base}`; by default `command`."""
    ready_seconds: Seconds = 600
    """Longest time from the start to the first sign of readiness."""
    model: str = ""
    """Name under which the server knows the model; by default the one of its list that names the folder."""

    def __post_init__(self) -> None:
        for setting, command in (("command", self.command), ("adapter_command", self.adapter_command)):
            named = set(_PLACEHOLDER.findall(" ".join(map(str, command))))
            if not command:
                if setting == "command":
                    raise ValueError(
                        "command is empty; write it as a list: [vllm, serve, '{folder}', --port, '{port}']"
                    )
            elif unknown := named - _PLACEHOLDERS:
                raise ValueError(
                    f"{setting} has the unknown placeholder {', '.join(f'{{{one}}}' for one in sorted(unknown))}; "
                    f"there are {', '.join(f'{{{one}}}' for one in sorted(_PLACEHOLDERS))}"
                )
            elif "port" not in named:
                raise ValueError(f"{setting} needs {{port}}: the server gets a free one")
            elif not named & {"folder", "adapter"}:
                raise ValueError(f"{setting} needs {{folder}}, or for an adapter {{adapter}} and {{base}}")

    @property
    def program(self) -> str:
        """The engine, as the last part of the command's program."""
        return Path(str(self.command[0])).name

    def arguments(self, folder: Path) -> list[str]:
        """Fill in what is known of a folder; `{port}` is left.

        Args:
            folder: Folder of the model.

        Returns:
            Program and arguments.

        Raises:
            ConfigError: The command is for adapters, and the folder holds a whole model.
            ModelError: The base model of an adapter is missing or another one.
        """
        values = {"folder": str(folder.resolve()), "name": folder.name}
        command = self.command
        if is_adapter(folder):
            values |= {"adapter": values["folder"], "base": str(base_of(folder).resolve())}
            command = self.adapter_command or self.command
        elif any(f"{{{one}}}" in str(part) for part in command for one in _OF_ADAPTERS):
            raise ConfigError(
                f"roles.bindings.student.command has {{adapter}} or {{base}}, and {folder} is a whole model; write the "
                "command of adapters in `adapter_command`, and that of whole models with {folder} in `command`"
            )
        return [_PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), str(part)) for part in command]


def server_settings(role: str, binding: Mapping[str, Any]) -> tuple[ServerSettings, EndpointSettings]:
    """Read the binding of a role to a server; a wrong value is a ValueError that names the setting."""
    own = set(ServerSettings.__struct_fields__)
    given = {name: value for name, value in binding.items() if name not in ("backend", *INHERITED)}
    asked = {name: value for name, value in given.items() if name not in own}
    served = {name: value for name, value in given.items() if name in own}
    try:
        settings = msgspec.convert(served, ServerSettings)
        endpoint = msgspec.convert({**asked, "address": _ADDRESS, "model": settings.model}, EndpointSettings)
    except msgspec.ValidationError as error:
        raise ValueError(f"roles.bindings.{role}: {error}".replace("$.", "")) from None
    return settings, endpoint


def served_name(settings: ServerSettings, endpoint: EndpointSettings, folder: Path, digest: str) -> str:
    """Identity of a served model: engine, folder and its digest, and whatever else shapes its answers."""
    shape = content_id(
        [settings.command, settings.adapter_command], endpoint.revision, endpoint.dialect, endpoint.extra,
        endpoint.structured, *endpoint.wording,
    )  # fmt: skip
    return f"server:{settings.program}:{folder.name}@{digest[:12]}/{shape[:8]}"
