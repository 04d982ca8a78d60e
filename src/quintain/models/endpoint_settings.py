"""Settings of a binding to an endpoint, read without opening anything."""

from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from msgspec import Meta, Struct

from quintain.models.budget import Budget, Count
from quintain.records import content_id
from quintain.usage import Price

_OPENAI = "api.openai.com"
_OURS = {"model", "messages", "n", "seed", "temperature", "top_p", "max_tokens", "max_completion_tokens"}
_BATCH_SHARE = 0.5

Seconds = Annotated[float, Meta(gt=0)]
INHERITED = frozenset({"world", "dtype"})
"""Settings that conf/base gives its bindings, the oracle's world and the student's number format: an environment that
binds another backend inherits them, and nobody reads them there."""
Dialect = Literal["standard", "reasoning", "mistral", "no-system", "anthropic", "gemini"]
Field = Literal["system", "max_tokens", "temperature", "top_p", "seed"]
"""Parts of a request that not every server takes: the system turn, and fields of the body."""
_WRITTEN: tuple[Field, ...] = ("max_tokens", "temperature", "top_p", "seed")


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
    """How the endpoint differs from the standard: `reasoning`, `mistral`, `no-system`, `anthropic` or `gemini`."""
    omit: tuple[Field, ...] = ()
    """Fields that are not sent, beside those that the dialect leaves out; `system`: the system turn joins the first
    user turn."""
    rename: dict[Field, str] = {}
    """Field → its name at this endpoint; for `system` the role of the system turn."""
    extra: dict[str, Any] = {}
    """Further fields of the request's body, such as `reasoning_effort`."""
    structured: dict[str, dict[str, Any]] = {}
    """Name of a prompt → JSON schema that its replies must fit."""
    mode: Literal["calls", "batch"] = "calls"
    """`calls`: one HTTP request for each chat; `batch`: many chats as one file (/batches), within a day, at half the
    price."""
    concurrency: Count = 32
    """Most calls in flight; how many the server bears is found on the way."""
    requests_per_minute: Count | None = None
    """Most requests per minute."""
    tokens_per_minute: Count | None = None
    """Most tokens per minute, read and written."""
    timeout_seconds: Seconds = 120
    """Longest wait for a reply while the endpoint answers no call; up to four times as long while it answers others."""
    deadline_seconds: Seconds = 600
    """Longest time for one request with all its retries."""
    attempts: Count = 6
    """Most times that one request is sent."""
    budget: Budget = Budget()
    """The most this role may spend on this model."""
    price: Price | None = None
    """Price of a million tokens, asked one by one; a batch costs half of it."""

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
        if both := sorted(set(self.omit) & set(self.rename)):
            raise ValueError(f"omit and rename name {', '.join(both)} both: what is left out has no name")
        if empty := sorted(field for field, name in self.rename.items() if not name.strip()):
            raise ValueError(f"rename.{empty[0]} is empty; to leave a field out, name it in `omit`")
        names = [self.rename.get(field, field) for field in _WRITTEN if field not in self.omit]
        if twice := sorted({name for name in names if names.count(name) > 1 or name in self.extra}):
            raise ValueError(f"rename gives the name {twice[0]}, which another field has already")
        if self.mode == "batch" and self.extra.get("stream"):
            raise ValueError("extra.stream goes with mode: calls; a batch is no stream")
        if "max_tokens" in self.omit and (self.budget.tokens is not None or self.budget.money is not None):
            raise ValueError(
                "omit must not name max_tokens with a budget of tokens or money: nothing would bound what a call costs"
            )

    @property
    def name(self) -> str:
        """Identity of the model: whatever shapes its answers, and not where it runs or how fast it is asked."""
        shape = content_id(self.revision, self.dialect, self.extra, self.structured, *self.wording)
        return f"openai:{self.model}@{shape[:12]}"

    @property
    def wording(self) -> tuple[object, ...]:
        """Own changes to the dialect, for the identity of a model; empty where there are none."""
        return (sorted(self.omit), dict(sorted(self.rename.items()))) if self.omit or self.rename else ()

    @property
    def url(self) -> str:
        """URL that completes chats."""
        return f"{self.base}/chat/completions"

    @property
    def base(self) -> str:
        """Address without a slash at its end; paths of the API follow."""
        return self.address.rstrip("/")

    @property
    def paid_price(self) -> Price | None:
        """Price of a million tokens in the way they are asked for."""
        if self.price is None or self.mode == "calls":
            return self.price
        return Price(input=self.price.input * _BATCH_SHARE, output=self.price.output * _BATCH_SHARE)

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
