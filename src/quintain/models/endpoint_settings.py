"""Settings of a binding to an endpoint, read without opening anything."""

from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from msgspec import Meta, Struct

from quintain.models.budget import Budget, Count
from quintain.records import content_id
from quintain.usage import Price

_OPENAI = "api.openai.com"
_OURS = {"model", "messages", "n", "stream", "seed", "temperature", "top_p", "max_tokens", "max_completion_tokens"}

Seconds = Annotated[float, Meta(gt=0)]
Dialect = Literal["standard", "reasoning", "mistral", "no-system"]


class EndpointSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the backend `openai`.

    Raises:
        ValueError: Settings that do not go together.
    """

    address: str
    """Where the API begins, such as `http://localhost:8000/v1`; `/chat/completions` is added."""
    model: str
    """Name of the model at that address."""
    key_env: str = ""
    """Environment variable, or entry in conf/local/credentials.yml, that holds the key; OPENAI_API_KEY at OpenAI."""
    revision: str = ""
    """Any text; another one asks everything again, for a model that changed under the same name."""
    dialect: Dialect = "standard"
    """How the endpoint differs from the standard: `reasoning`, `mistral`, or `no-system` (no system turn)."""
    extra: dict[str, Any] = {}
    """Further fields of the request's body, such as `reasoning_effort`."""
    structured: dict[str, dict[str, Any]] = {}
    """Name of a prompt → JSON schema that its replies must fit."""
    concurrency: Count = 32
    """Most calls in flight."""
    requests_per_minute: Count | None = None
    """Most requests per minute."""
    tokens_per_minute: Count | None = None
    """Most tokens per minute, read and written."""
    timeout_seconds: Seconds = 120
    """Longest wait for one reply."""
    deadline_seconds: Seconds = 600
    """Longest time for one request with all its retries."""
    attempts: Count = 6
    """Most times that one request is sent."""
    budget: Budget = Budget()
    """The most this role may spend on this model."""
    price: Price | None = None
    """Price of a million tokens."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("address must start with http:// or https:// and name a host")
        _require_host(parts)
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("address must not carry a user, a password or a query: name the key by `key_env`")
        if self.budget.money is not None and self.price is None:
            raise ValueError("budget.money needs `price`: {input: ..., output: ...} for a million tokens")
        if ours := sorted(_OURS & set(self.extra)):
            raise ValueError(f"extra must not set {', '.join(ours)}: that is what `model` and `sampling` are for")

    @property
    def name(self) -> str:
        """Identity of the model: whatever shapes its answers, and not where it runs or how fast it is asked."""
        shape = content_id(self.revision, self.dialect, self.extra, self.structured)
        return f"openai:{self.model}@{shape[:12]}"

    @property
    def url(self) -> str:
        """URL that completes chats."""
        return f"{self.address.rstrip('/')}/chat/completions"

    @property
    def where(self) -> str:
        """The endpoint and its model, for messages."""
        return f"{self.address} (model {self.model})"

    @property
    def key_name(self) -> str:
        """Name of the key; empty when none is sent. OpenAI's own key goes to OpenAI alone."""
        return self.key_env or ("OPENAI_API_KEY" if urlsplit(self.address).hostname == _OPENAI else "")


def _require_host(parts: SplitResult) -> None:
    """Refuse now what would fail at the first call: a name with an empty or over-long part, a port out of range."""
    try:
        (parts.hostname or "").encode("idna")
        port = parts.port
    except ValueError as error:
        raise ValueError(f"address names no host that can be: {error}") from None
    if port == 0:
        raise ValueError("address names no host that can be: port 0")
