"""Request of a client in OpenAI's words: every parameter is honoured, or refused by its name."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from quintain.models.language_model import Sampling
from quintain.records import Message

# Parameters that a client may send as long as they ask for nothing; any other value is refused.
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "repetition_penalty": (1,),
    "top_k": (0, -1),
    "min_p": (0,),
    "logit_bias": ({},),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "response_format": ({"type": "text"},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "parallel_tool_calls": (True, False),
    "modalities": (["text"],),
    "service_tier": ("auto", "default"),
    "store": (False,),
}
_SEEDS = 1 << 31
_MOST_TOKENS = 1 << 31  # more than any context holds; settings are numbers of 64 bits
_MOST_MESSAGES = 2048
_MOST_PARTS = 256
_LONGEST_STOP = 1000  # each is looked for after every token


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair, which no tokenizer can read") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]


def _one_part(content: object) -> object:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _one_stop(stop: object) -> object:
    return [stop] if isinstance(stop, str) else stop


class _Wire(BaseModel):
    """A JSON object in which null means left out and an unknown name is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        return {name: value for name, value in found.items() if value is not None}


class TextPart(_Wire):
    """A part of a turn; only text is read."""

    type: Literal["text"]
    text: Text


class Turn(_Wire):
    """One turn of the chat."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[list[TextPart], Field(max_length=_MOST_PARTS), BeforeValidator(_one_part)]

    def message(self) -> Message:
        """The turn as models take it."""
        text = "".join(part.text for part in self.content)
        return Message(role="system" if self.role == "developer" else self.role, content=text)


class ChatRequest(_Wire):
    """A chat and how to complete it; what is left out is as the version was scored."""

    messages: Annotated[list[Turn], Field(min_length=1, max_length=_MOST_MESSAGES)]
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    n: Annotated[int, Field(ge=1, le=128)] = 1
    seed: Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)] | None = None
    stop: Annotated[
        list[Annotated[Text, Field(min_length=1, max_length=_LONGEST_STOP)]],
        Field(max_length=16),
        BeforeValidator(_one_stop),
    ] = []
    user: str = ""
    """Who asks, for the client's own accounts; it shapes nothing."""

    @model_validator(mode="before")
    @classmethod
    def _without_neutral(cls, found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        return {name: value for name, value in found.items() if not _asks_nothing(name, value)}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.messages[-1].role != "user":
            raise ValueError(f"the last of the messages must be the user's, it is the {self.messages[-1].role}'s")
        if None not in (self.max_tokens, self.max_completion_tokens) and self.max_tokens != self.max_completion_tokens:
            raise ValueError("max_tokens and max_completion_tokens are two names of one limit and differ; send one")
        return self

    @property
    def chat(self) -> list[Message]:
        """The turns as models take them."""
        return [turn.message() for turn in self.messages]

    def sampling(self, default: Sampling) -> Sampling:
        """Sampling of the request; without a seed every request is a draw of its own."""
        limit = self.max_tokens or self.max_completion_tokens or default.max_new_tokens
        return Sampling(
            temperature=default.temperature if self.temperature is None else self.temperature,
            top_p=default.top_p if self.top_p is None else self.top_p,
            max_new_tokens=min(limit, _MOST_TOKENS),
            seed=secrets.randbelow(_SEEDS) if self.seed is None else self.seed,
        )


class StreamOptions(_Wire):
    """Options of a stream."""

    include_usage: bool = False


class CompletionsBody(ChatRequest):
    """The body of a request to /v1/chat/completions."""

    model: str
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()


def fault(error: Mapping[str, Any]) -> tuple[str, str, str]:
    """Find the fault of a chat request.

    Args:
        error: One error as pydantic tells it.

    Returns:
        Message, name of the parameter (empty for the whole body), and code.
    """
    param = ".".join(str(part) for part in error["loc"] if part != "body")
    if error["type"] == "extra_forbidden":
        return f"{param} cannot be honoured here, so it is refused; leave it out", param, "unsupported_parameter"
    said = error["msg"].removeprefix("Value error, ")
    return f"{param}: {said}" if param else said, param, "invalid_value"


def _asks_nothing(name: str, value: object) -> bool:
    return any(type(value) in (type(each), float) and value == each for each in _NEUTRAL.get(name, ()))
