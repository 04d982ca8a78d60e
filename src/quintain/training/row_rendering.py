"""A training row: a chat as the prompt that the student is asked with, and what it learns to write then."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import TemplateError

from quintain.errors import ModelError, RecordError
from quintain.models.chat_tokens import ChatEncoder
from quintain.models.open_folder import folder_end_tokens, open_tokenizer
from quintain.models.reasoning_style import REASONING_FIELDS, reasoning_style
from quintain.models.response_tokens import ResponseEncoder
from quintain.models.system_turns import Turn
from quintain.reasoning import KNOWN_TAGS, Told, tell_apart

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Reason = Literal[
    "",
    "too-long",
    "empty-response",
    "reasoning-only",
    "no-response",
    "broken-text",
    "template-refuses",
    "not-rendered",
]
Learn = Literal["last", "all"]
"""Responses of a chat that carry loss."""
_ROLES = ("system", "user", "assistant")


@dataclass(frozen=True)
class RenderedRow:
    """A row as a student sees it, or the reason why it is dropped."""

    reason: Reason = ""
    """Empty for a row that is learned; else `too-long`, `empty-response`, `reasoning-only` (a trace and no response),
    `no-response` (the last turn is not the assistant's, or nobody asks), `broken-text` (half of a surrogate pair, or
    text of a control token that the tokenizer cannot keep text), `template-refuses`, `not-rendered` (the template
    changes the response, or leaves it out)."""
    prompt: str = ""
    """Text before what is learned: what the student is asked with."""
    learned: str = ""
    """Text that carries loss, an end token last."""
    prompt_ids: tuple[int, ...] = ()
    """Tokens of the prompt."""
    learned_ids: tuple[int, ...] = ()
    """Tokens that carry loss."""
    reasoning: str = ""
    """Reasoning that was found before the response."""


def encoder_of_folder(folder: Path) -> ResponseEncoder:
    """The encoder of a student's rows, from its folder without its weights.

    Args:
        folder: Folder in Hugging Face layout, whole model or adapter.

    Returns:
        The encoder; it knows all tokens that end a completion of the model, and the marks of its reasoning.

    Raises:
        ModelError: The folder holds no tokenizer or no chat template, or no token ends a response.
    """
    tokenizer = open_tokenizer(folder)
    return encoder_of(tokenizer, folder_end_tokens(folder, tokenizer), folder)


def encoder_of(
    tokenizer: "PreTrainedTokenizerBase", ends: Sequence[int] | set[int] = (), folder: Path | None = None
) -> ResponseEncoder:
    """The encoder of a student's rows.

    Args:
        tokenizer: Tokenizer with a chat template.
        ends: Tokens that end a completion beside the tokenizer's own.
        folder: Folder of the student, where the report of its import may lie.

    Returns:
        The encoder.

    Raises:
        ModelError: The chat template is missing, or no token ends a response.
    """
    if tokenizer.chat_template is None:
        raise ModelError(
            f"the tokenizer of {folder or 'the student'} has no chat template; start from a folder that has one, or "
            "give it one with `quintain models import FOLDER --to NEW --chat-template NAME`"
        )
    encoder = ChatEncoder(tokenizer)
    known = {*ends, tokenizer.eos_token_id} - {None}
    style = reasoning_style(encoder.renderer, folder)
    return ResponseEncoder(encoder, known, style, str(folder or "the student"))


def render_row(
    encoder: ResponseEncoder, turns: Sequence[Turn], max_length: int | None = None, *, keep_reasoning: bool = False
) -> RenderedRow:
    """Render a chat that ends with a response, with the loss on the response alone.

    White space around a response is no part of it. Reasoning before it, in tags or in a field of its own, is learned
    only when it is asked for; reasoning of earlier turns never stays.

    Args:
        encoder: Encoder of the student.
        turns: Turns with `role` and `content`, the last one the assistant's.
        max_length: Longest prompt and response together, in tokens; None: no limit.
        keep_reasoning: Learn the reasoning too.

    Returns:
        The row, or the reason why it is dropped; a row that is too long has its texts and tokens all the same.
    """
    if len(turns) < 2 or turns[-1]["role"] != "assistant" or turns[-2]["role"] == "assistant":
        return RenderedRow("no-response")
    told = _told(turns[-1], encoder)
    if not told.response.strip():
        return RenderedRow("reasoning-only" if told.reasoning else "empty-response", reasoning=told.reasoning)
    earlier = [_without_reasoning(turn, encoder) for turn in turns[:-1]]
    try:
        exchange = encoder.encode(earlier, told.response.strip(), told.reasoning if keep_reasoning else "")
    except ModelError:
        return RenderedRow("broken-text", reasoning=told.reasoning)
    except TemplateError:
        return RenderedRow("template-refuses", reasoning=told.reasoning)
    if exchange is None:
        return RenderedRow("not-rendered", reasoning=told.reasoning)
    length = len(exchange.prompt_ids) + len(exchange.learned_ids)
    return RenderedRow(
        "too-long" if max_length is not None and length > max_length else "",
        exchange.prompt,
        exchange.learned,
        tuple(exchange.prompt_ids),
        tuple(exchange.learned_ids),
        told.reasoning,
    )


def render_responses(
    encoder: ResponseEncoder,
    turns: Sequence[Turn],
    max_length: int | None = None,
    *,
    learn: Learn = "last",
    unlearned: Collection[int] = (),
    keep_reasoning: bool = False,
) -> list[RenderedRow]:
    """Render the responses of a chat that are learned, each behind the prompt that the student is asked with.

    Args:
        encoder: Encoder of the student.
        turns: Turns with `role` and `content`, the last one the assistant's.
        max_length: Longest prompt and response together, in tokens; None: no limit.
        learn: The last response, or all.
        unlearned: Responses, counted from 0, that are left out of all.
        keep_reasoning: Learn the reasoning before them too.

    Returns:
        One row per response, in order; a response in the middle that cannot be learned is left out. Where the last one
        cannot, that alone, with the reason: a chat counts whole or not at all.
    """
    last = render_row(encoder, turns, max_length, keep_reasoning=keep_reasoning)
    if learn == "last" or last.reason:
        return [last]
    ends = [place + 1 for place, turn in enumerate(turns[:-1]) if turn["role"] == "assistant"]
    rows = [
        render_row(encoder, turns[:end], max_length, keep_reasoning=keep_reasoning)
        for number, end in enumerate(ends)
        if number not in unlearned
    ]
    return [*(row for row in rows if not row.reason), last]


def turns_of(row: Mapping[str, Any]) -> list[dict[str, str]]:
    """Read the turns of a row as people write it down.

    Args:
        row: An object with `messages`; or with `instruction` and `response`, and perhaps `context`: the turns before,
            or a text that the instruction speaks of.

    Returns:
        The turns, the response last.

    Raises:
        RecordError: It is no such object.
    """
    if "messages" in row:
        return _turns(row["messages"], "messages")
    asked, said, context = row.get("instruction"), row.get("response"), row.get("context") or []
    if not isinstance(asked, str) or not isinstance(said, str):
        raise RecordError("a row holds `messages`, or `instruction` and `response` as texts; correct the row")
    if isinstance(context, str):
        asked, context = f"{asked}\n\n{context}", []
    return [*_turns(context, "context"), {"role": "user", "content": asked}, {"role": "assistant", "content": said}]


def _turns(turns: Any, name: str) -> list[dict[str, str]]:
    if not isinstance(turns, Sequence) or isinstance(turns, str):
        raise RecordError(f"`{name}` is no list of turns; correct the row")
    read = []
    for turn in turns:
        if not isinstance(turn, Mapping) or turn.get("role") not in _ROLES:
            raise RecordError(f"`{name}` holds a turn whose role is none of {', '.join(_ROLES)}; correct the row")
        if not isinstance(turn.get("content") or "", str):
            raise RecordError(f"`{name}` holds a turn whose content is no text; correct the row")
        fields = {field: turn[field] for field in REASONING_FIELDS if isinstance(turn.get(field), str)}
        read.append({"role": turn["role"], "content": turn.get("content") or "", **fields})
    return read


def _told(turn: Turn, encoder: ResponseEncoder) -> Told:
    tags = [*([encoder.style.tags] if encoder.style.tags else []), *KNOWN_TAGS]
    told = tell_apart(turn["content"], tags)
    apart = [turn[field].strip() for field in REASONING_FIELDS if field in turn]
    return told._replace(reasoning="\n".join(filter(None, [*apart[:1], told.reasoning])))


def _without_reasoning(turn: Turn, encoder: ResponseEncoder) -> dict[str, str]:
    content = _told(turn, encoder).response if turn["role"] == "assistant" else turn["content"]
    return {"role": turn["role"], "content": content}
