"""Chats as token ids: the chat template writes control tokens, content never does."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from quintain.errors import ModelError
from quintain.models.plain_tokenizer import PlainTokenizer
from quintain.models.stand_ins import StandIns

if TYPE_CHECKING:
    from tokenizers import AddedToken, Tokenizer
    from transformers import PreTrainedTokenizerBase

_WORDS = re.compile(r"[\w\s\u2581'-]*")
"""Text of an added token that is vocabulary and no mark, such as a name or a run of blanks."""


@dataclass(frozen=True)
class _Mark:
    """A control token in a rendered chat."""

    id: int
    start: int
    end: int


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
        self._tokenizer = tokenizer
        self._control = control_tokens(tokenizer)
        # Unknown characters have this id too, and they are no control token.
        self._marking = set(self._control) - {tokenizer.unk_token_id}
        self._ids = {token.content: number for number, token in self._control.items()}
        self._matcher = _matcher(tokenizer)
        self._plain: PlainTokenizer | None = None

    def chat(self, messages: Sequence[Mapping[str, str]], *, add_generation_prompt: bool = False) -> list[int]:
        """Encode a chat.

        Args:
            messages: Turns with `role` and `content`.
            add_generation_prompt: Whether the template opens the assistant's next turn.

        Returns:
            The ids; where no content holds the text of a control token, those of the tokenizer's own
            `apply_chat_template`.

        Raises:
            ModelError: A turn holds half of a surrogate pair, or the text of a control token with a tokenizer that
                cannot keep it text.
        """
        contents = [turn["content"] for turn in messages]
        _require_whole(contents)
        stand_ins = StandIns(contents, taken=f"{self._tokenizer.chat_template}{''.join(self._ids)}")
        hidden = [{**turn, "content": stand_ins.hide(turn["content"])} for turn in messages]
        text = self._render(messages, add_generation_prompt=add_generation_prompt)
        shadow = self._render(hidden, add_generation_prompt=add_generation_prompt)
        written, read = self._marks(shadow), self._marks(text)
        shown = stand_ins.show(shadow)
        # A template that looks into content, such as one that takes former thoughts out, renders the two differently.
        same = written == read if shown == text else [each.id for each in written] == [each.id for each in read]
        if same:
            ids = self._as_ever(text)
            if self._marking_ids(ids) == [each.id for each in written if each.id in self._marking]:
                return ids
        return self._as_text(shown, written)

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
        ids = self._as_ever(text)
        return self._as_text(text, []) if self._marks(text) or self._marking_ids(ids) else ids

    def _render(self, messages: Sequence[Mapping[str, str]], *, add_generation_prompt: bool) -> str:
        rendered = self._tokenizer.apply_chat_template(
            [dict(turn) for turn in messages], tokenize=False, add_generation_prompt=add_generation_prompt
        )
        return cast("str", rendered)

    def _marks(self, text: str) -> list[_Mark]:
        found = self._matcher.encode(text, add_special_tokens=False)
        places = zip(found.tokens, found.offsets, strict=True)
        return [_Mark(self._ids[token], start, end) for token, (start, end) in places if token in self._ids]

    def _as_ever(self, text: str) -> list[int]:
        # The template writes every special token, the beginning of the sequence included, exactly once.
        return cast("list[int]", self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def _marking_ids(self, ids: Sequence[int]) -> list[int]:
        return [each for each in ids if each in self._marking]

    def _as_text(self, text: str, marks: Sequence[_Mark]) -> list[int]:
        """Encode text in which nothing but the given marks is a control token."""
        if self._plain is None:
            self._plain = PlainTokenizer(self._tokenizer, self._control)
        ends = [0, *(mark.end for mark in marks)]
        starts = [*(mark.start for mark in marks), len(text)]
        pieces = [text[end:start] for end, start in zip(ends, starts, strict=True)]
        return self._plain.encode(pieces, [mark.id for mark in marks])


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
