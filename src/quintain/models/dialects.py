"""Chats as bodies of HTTP requests, in the dialect of an endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from quintain.models.endpoint_settings import Dialect, EndpointSettings, Field
from quintain.models.language_model import Sampling
from quintain.models.system_turns import merge_system
from quintain.records import Message
from quintain.usage import Usage

_TOKENS_PER_TURN = 16
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True)
class ApiDialect:
    """Dialect of the API: what families of endpoints refuse, and what they call otherwise."""

    omit: frozenset[Field] = frozenset()
    """Fields that are not sent; without `system` the system turn joins the first user turn."""
    rename: Mapping[Field, str] = field(default_factory=dict)
    """Field → its name; for `system` the role of the system turn."""

    def changed(self, omit: Sequence[Field], rename: Mapping[Field, str]) -> "ApiDialect":
        """The dialect with further fields left out or named otherwise; a name given here brings a field back."""
        return ApiDialect((self.omit - set(rename)) | set(omit), {**self.rename, **rename})

    def name_of(self, part: Field) -> str:
        """Name of a field at the endpoint."""
        return self.rename.get(part, part)

    def unsayable(self, sampling: Sampling) -> list[Field]:
        """Fields that are left out although the sampling asks for another value than the one that holds without."""
        wanted: dict[Field, float] = {"temperature": sampling.temperature, "top_p": sampling.top_p}
        return [name for name, value in wanted.items() if name in self.omit and value != 1]


DIALECTS: dict[Dialect, ApiDialect] = {
    "standard": ApiDialect(),
    "reasoning": ApiDialect(
        frozenset({"seed", "temperature", "top_p"}), {"max_tokens": "max_completion_tokens", "system": "developer"}
    ),
    "mistral": ApiDialect(rename={"seed": "random_seed"}),
    "no-system": ApiDialect(frozenset({"system"})),
    # Newer Claude models take temperature or top_p, not both.
    "anthropic": ApiDialect(frozenset({"seed", "top_p"})),
    "gemini": ApiDialect(frozenset({"seed"})),
}


def dialect_of(settings: EndpointSettings) -> ApiDialect:
    """The dialect of an endpoint, its own `omit` and `rename` included."""
    return DIALECTS[settings.dialect].changed(settings.omit, settings.rename)


def write_body(
    model: str,
    messages: Sequence[Message],
    sampling: Sampling,
    seed: int,
    dialect: ApiDialect,
    extra: dict[str, Any],
) -> bytes:
    """Put a chat as the body of an HTTP request.

    Args:
        model: Name of the model at the endpoint.
        messages: The chat.
        sampling: How tokens are drawn.
        seed: Seed of this draw.
        dialect: What this endpoint takes, and under which names.
        extra: Further fields.

    Returns:
        JSON, UTF-8.
    """
    values: dict[Field, float] = {
        "max_tokens": sampling.max_new_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": seed,
    }
    body: dict[str, Any] = {"model": model, "messages": _turns(messages, dialect)}
    body |= {dialect.name_of(part): value for part, value in values.items() if part not in dialect.omit}
    return _ENCODER.encode(body | extra)


def _turns(messages: Sequence[Message], dialect: ApiDialect) -> list[dict[str, str]]:
    turns = [{"role": turn.role, "content": turn.content} for turn in messages]
    if "system" in dialect.omit:
        return merge_system(turns)
    role = dialect.name_of("system")
    return [turn | {"role": role} if turn["role"] == "system" else turn for turn in turns]


def most_usage(messages: Sequence[Message], sampling: Sampling) -> Usage:
    """The most a call may cost: a token is at least one byte of the chat, and each turn brings marks of its own."""
    prompt = sum(len(turn.content.encode("utf-8", "surrogatepass")) + _TOKENS_PER_TURN for turn in messages)
    return Usage(1, prompt, sampling.max_new_tokens)
