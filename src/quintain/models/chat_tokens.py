"""Chats as token ids: the chat template writes control tokens, content never does."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from quintain.errors import ModelError
from quintain.models.chat_rendering import ChatRenderer
from quintain.models.plain_tokenizer import PlainTokenizer
from quintain.models.stand_ins import StandIns
from quintain.models.system_turns import Turn

if TYPE_CHECKING:
    from tokenizers import AddedToken, Tokenizer
    from transformers import PreTrainedTokenizerBase

_WORDS = re.compile(r"[\w\s\u2581'-]*")
"""Text of an added token that is vocabulary and no mark, such as a name or a run of blanks."""


@dataclass(frozen=True)
class Mark:
    """A control token in a rendered chat."""

    id: int
    """Its id."""
    start: int
    """Where its text begins."""
    end: int
    """Where its text ends."""

    def moved(self, by: int) -> "Mark":
        """The same token further on in a longer text."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True)
class EncodedChat:
    """A chat as a model reads it."""

    text: str
    """What the template rendered."""
    marks: tuple[Mark, ...]
    """Control tokens that the template wrote."""
    ids: list[int]
    """Its tokens."""


class ChatEncoder:
    """Renders chats with a tokenizer's own template and turns them into ids.

    A tokenizer that is given a whole rendered chat cannot tell the template's `<eos><user>` from the same characters in
    a web page, and a page that holds them opens a turn of its own. So the chat is rendered a second time with stand-ins
    for the characters of its content: what is a control token there was written by the template. Wherever the plain
    reading finds the same ones, its ids are taken as they are; elsewhere the content is tokenised as if the tokenizer
    had no control tokens at all.

    Control tokens are the special tokens, and of the other added ones those that look like marks or stand in the
    template. Marks of a template that are no tokens (such as `### Instruction:`) are text for the model as well, and
    cannot be told from content.

    Args:
        tokenizer: Tokenizer with a chat template.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self.tokenizer = tokenizer
        self.renderer = ChatRenderer(tokenizer)
        self._control = control_tokens(tokenizer)
        # Unknown characters have this id too, and they are no control token.
        self._marking = set(self._control) - {tokenizer.unk_token_id}
        self._numbers = {token.content: number for number, token in self._control.items()}
        self._matcher = _matcher(tokenizer)

    def chat(self, messages: Sequence[Turn], *, add_generation_prompt: bool = False) -> list[int]:
        """Encode a chat.

        Args:
            messages: Turns with `role` and `content`.
            add_generation_prompt: Whether the template opens the assistant's next turn.

        Returns:
            The ids; where no content holds the text of a control token, those of the tokenizer's own
            `apply_chat_template`, but for system turns that the template does not take and for a date.

        Raises:
            ModelError: A turn holds half of a surrogate pair, or the text of a control token with a tokenizer that
                cannot keep it text.
        """
        return self.encoded(messages, add_generation_prompt=add_generation_prompt).ids

    def encoded(self, messages: Sequence[Turn], *, add_generation_prompt: bool = False) -> EncodedChat:
        """Encode a chat, and keep what it was rendered to; arguments and errors are those of `chat`."""
        stand_ins = self.stand_ins([turn["content"] for turn in messages])
        hidden = [{**turn, "content": stand_ins.hide(turn["content"])} for turn in messages]
        text = self.renderer.render(messages, add_generation_prompt=add_generation_prompt)
        shadow = self.renderer.render(hidden, add_generation_prompt=add_generation_prompt)
        written, read = self.marks(shadow), self.marks(text)
        shown = stand_ins.show(shadow)
        # A template that looks into content, such as one that takes former thoughts out, renders the two differently.
        same = written == read if shown == text else [each.id for each in written] == [each.id for each in read]
        if same and (ids := self._as_ever(text, written)) is not None:
            return EncodedChat(text, tuple(read), ids)
        return EncodedChat(shown, tuple(written), self._as_text(shown, written))

    def text(self, text: str) -> list[int]:
        """Encode content alone, without a template.

        Args:
            text: The content.

        Returns:
            The ids, without a control token among them.

        Raises:
            ModelError: It holds half of a surrogate pair, or the text of a control token with a tokenizer that cannot
                keep it text.
        """
        _require_whole([text])
        return self.ids(text, [])

    def stand_ins(self, contents: Sequence[str]) -> StandIns:
        """Stand-ins for contents that are rendered with this tokenizer's template.

        Args:
            contents: The contents.

        Returns:
            The stand-ins.

        Raises:
            ModelError: A content holds half of a surrogate pair, or all of them too many different characters.
        """
        _require_whole(contents)
        return StandIns(contents, taken=f"{self.tokenizer.chat_template}{''.join(self._numbers)}")

    def ids(self, text: str, marks: Sequence[Mark]) -> list[int]:
        """Encode text in which the given marks, and nothing else, are control tokens."""
        if self.marks(text) == list(marks) and (ids := self._as_ever(text, marks)) is not None:
            return ids
        return self._as_text(text, marks)

    def ids_behind(self, text: str, marks: Sequence[Mark]) -> list[int]:
        """Encode text that goes on behind tokens which it must not melt into."""
        if not self._control:
            return self._as_text(text, marks)
        anchor = min(self._control)  # any of them: what follows one is not the beginning of a text
        return self._plain.encode(["", *self._pieces(text, marks)], [anchor, *(mark.id for mark in marks)])[1:]

    def decoder(self, kept: Sequence[str]) -> Callable[[list[int]], str]:
        """A function from tokens to their text without special tokens, but for those that are part of a kept text."""
        special = {number: token.content for number, token in self._control.items() if token.special}
        left_out = {number for number, content in special.items() if not any(content in text for text in kept)}
        if len(left_out) == len(special):
            return lambda ids: str(self.tokenizer.decode(ids, skip_special_tokens=True))
        return lambda ids: str(
            self.tokenizer.decode([each for each in ids if each not in left_out], skip_special_tokens=False)
        )

    def marks(self, text: str) -> list[Mark]:
        """The texts of control tokens in a text."""
        found = self._matcher.encode(text, add_special_tokens=False)
        places = zip(found.tokens, found.offsets, strict=True)
        return [Mark(self._numbers[token], start, end) for token, (start, end) in places if token in self._numbers]

    def _as_ever(self, text: str, marks: Sequence[Mark]) -> list[int] | None:
        """The tokenizer's own ids; None where they hold other control tokens than the given ones."""
        # The template writes every special token, the beginning of the sequence included, exactly once.
        ids = cast("list[int]", self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
        found = [each for each in ids if each in self._marking]
        return ids if found == [mark.id for mark in marks if mark.id in self._marking] else None

    @cached_property
    def _plain(self) -> PlainTokenizer:
        return PlainTokenizer(self.tokenizer, self._control)

    def _as_text(self, text: str, marks: Sequence[Mark]) -> list[int]:
        """Encode text in which nothing but the given marks is a control token."""
        return self._plain.encode(self._pieces(text, marks), [mark.id for mark in marks])

    def _pieces(self, text: str, marks: Sequence[Mark]) -> list[str]:
        """The text around marks."""
        ends = [0, *(mark.end for mark in marks)]
        starts = [*(mark.start for mark in marks), len(text)]
        return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def control_tokens(tokenizer: "PreTrainedTokenizerBase") -> dict[int, "AddedToken"]:
    """Find the tokens that steer a model.

    Args:
        tokenizer: The tokenizer.

    Returns:
        Special tokens, and of the other added ones those that look like marks or stand in the template, by id.
    """
    template = str(tokenizer.chat_template)
    special = set(tokenizer.all_special_tokens)
    return {
        number: token
        for number, token in tokenizer.added_tokens_decoder.items()
        if token.special
        or token.content in special
        or not _WORDS.fullmatch(token.content)
        or (token.content.strip(" \t\r\n\u2581") and token.content in template)
    }


def _matcher(tokenizer: "PreTrainedTokenizerBase") -> "Tokenizer":
    """A tokenizer that finds added tokens as the given one does, and reads nothing else."""
    from tokenizers import AddedToken, Tokenizer
    from tokenizers.models import WordLevel

    matcher = Tokenizer(WordLevel({"\0": 0}, unk_token="\0"))  # noqa: S106 - no password
    backend: Any = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None and backend.normalizer is not None:
        matcher.normalizer = backend.normalizer
    added = sorted(tokenizer.added_tokens_decoder.items())
    # All of them, for a longer token takes a shorter one's place.
    matcher.add_tokens(
        [
            AddedToken(
                token.content, single_word=token.single_word, lstrip=token.lstrip, rstrip=token.rstrip,
                normalized=token.normalized,
            )
            for _, token in added
        ]
    )  # fmt: skip
    return matcher


def _require_whole(texts: Sequence[str]) -> None:
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError:
        raise ModelError("the chat holds half of a surrogate pair, which no tokenizer can read") from None
