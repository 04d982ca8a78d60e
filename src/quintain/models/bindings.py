"""Settings of a binding by its backend, beside `backend` itself."""

from typing import Any, Literal, Required, TypedDict

from quintain.almanac.referee import RefereeFlaws
from quintain.fields import Count, hints, required
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.models.server_settings import ENDPOINT_FIELDS, ServerSettings


class OracleBinding(TypedDict, total=False):
    """The exact oracle of the embedded world."""

    sampling: Sampling
    world: Required[str]
    """Path of the world."""
    flaws: RefereeFlaws | None
    """Errors that it makes on purpose."""


class PacksBinding(TypedDict, total=False):
    """The exact oracle of the packs' training items."""

    sampling: Sampling


class LocalBinding(TypedDict, total=False):
    """A model folder, opened in this process."""

    sampling: Sampling
    address: str
    """The folder, where no pipeline names one."""
    device: str
    """Torch device; `auto` takes a GPU where there is one."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"]
    """Number format to compute in; `auto` takes bfloat16 where the device computes in it, float32 elsewhere."""
    batch_size: Count
    """Most completions at a time."""
    batch_tokens: Count
    """Most tokens of prompts and completions at a time, which bound the memory."""


class ReplayBinding(TypedDict, total=False):
    """Recorded completions."""

    sampling: Sampling
    address: Required[str]
    """File of the recording."""
    model: Required[str]
    """Name of the model that was recorded."""


def _typed(name: str, **settings: Any) -> Any:
    return TypedDict(name, settings, total=False)  # type: ignore[operator]  # the fields stand in the Structs


_ENDPOINT = {
    name: Required[kind] if name in required(EndpointSettings) else kind
    for name, kind in hints(EndpointSettings).items()
}
_SERVER = {
    name: Required[kind] if name in required(ServerSettings) else kind for name, kind in hints(ServerSettings).items()
}
BINDINGS = {
    "oracle": OracleBinding,
    "packs": PacksBinding,
    "local": LocalBinding,
    "replay": ReplayBinding,
    "openai": _typed("OpenAIBinding", sampling=Sampling, **_ENDPOINT),
    "server": _typed("ServerBinding", **{name: _ENDPOINT[name] for name in ENDPOINT_FIELDS} | _SERVER),
}
"""Backend → type of its settings."""
