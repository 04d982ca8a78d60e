"""The chat template of an imported model: its own, one by name, or a file."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quintain.errors import ConfigError, ModelError
from quintain.models.importing.checks import embedding_rows
from quintain.models.importing.named_templates import NAMED, written_for

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Marks of turns as most families write them; found in a template of the user's own.
_MARK = re.compile(r"<\|[^<>|\s]{1,40}\|>|<(?:start|end)_of_[a-z]+>")


@dataclass(frozen=True, kw_only=True)
class TemplateChoice:
    """A chat template that was asked for."""

    label: str = ""
    """`chatml` and its kind, or name and hash of a file; empty: the model's own."""
    text: str = ""
    """What a file holds; empty for one by name."""

    @property
    def is_own(self) -> bool:
        """True when the model shall keep its own template."""
        return not self.label


@dataclass(frozen=True, kw_only=True)
class SetTemplate:
    """Outcome of setting a template."""

    as_text: tuple[str, ...]
    """Marks of the template that the vocabulary lacks, written as plain text."""
    added: tuple[str, ...]
    """Marks that were added to the vocabulary."""


def read_choice(asked: str) -> TemplateChoice:
    """Read what the user named.

    Args:
        asked: A name, a file, or nothing.

    Returns:
        The choice.

    Raises:
        ConfigError: It is neither a name nor a file of text.
    """
    if not asked or asked in NAMED:
        return TemplateChoice(label=asked)
    file = Path(asked)
    if not file.is_file():
        raise ConfigError(f"--chat-template {asked} is no file here; name one, or one of {', '.join(NAMED)}")
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"--chat-template {asked} is no UTF-8 text: {error}; name a file of Jinja") from error
    return TemplateChoice(label=f"{file.name}@{hashlib.sha256(text.encode()).hexdigest()[:12]}", text=text)


def set_template(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    choice: TemplateChoice,
    *,
    adds_bos: bool,
    add_tokens: bool,
) -> SetTemplate:
    """Give the tokenizer its chat template; with `add_tokens` the vocabulary grows by the marks that it lacks.

    Args:
        model: The model; its embedding grows along.
        tokenizer: Its tokenizer.
        choice: What was asked for.
        adds_bos: Whether a chat begins with the beginning-of-sequence token; a file decides that itself.
        add_tokens: Add the marks that the vocabulary lacks.

    Returns:
        Marks that were added, or are written as plain text.

    Raises:
        ModelError: The model has no template and none was named, or no token can end a response.
    """
    if choice.is_own and tokenizer.chat_template is None:
        raise ModelError(
            "the model has no chat template, as base models have none; name the one that it shall learn: "
            f"--chat-template {'|'.join(NAMED)}|FILE"
        )
    named = NAMED.get(choice.label)
    text = own_template(tokenizer) if choice.is_own else choice.text
    marks = named.marks if named else tuple(dict.fromkeys(_MARK.findall(text)))
    lacking = tuple(mark for mark in marks if not _is_token(tokenizer, mark))
    added = lacking if add_tokens else ()
    if added:
        _add(model, tokenizer, added)
    if named:
        bos = str(tokenizer.bos_token or "") if adds_bos else ""
        text = written_for(named, lambda mark: _is_token(tokenizer, mark), bos, str(tokenizer.eos_token or ""))
    if not choice.is_own:
        tokenizer.chat_template = text
    return SetTemplate(as_text=() if add_tokens else lacking, added=added)


def own_template(tokenizer: "PreTrainedTokenizerBase") -> str:
    """The template that a chat is rendered with, of several.

    Args:
        tokenizer: A tokenizer with a template or several.

    Returns:
        Jinja.

    Raises:
        ModelError: It has several, and none for chats without tools.
    """
    try:
        return tokenizer.get_chat_template()
    except (ValueError, KeyError) as error:
        raise ModelError(
            f"the model has no chat template for a plain chat: {error}; name another one with --chat-template"
        ) from error


def _is_token(tokenizer: "PreTrainedTokenizerBase", mark: str) -> bool:
    """True when the mark is read as one token wherever it stands."""
    number = tokenizer.get_vocab().get(mark)
    return number is not None and number in tokenizer.encode(f"a{mark}a", add_special_tokens=False)


def _add(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", marks: tuple[str, ...]) -> None:
    import torch

    known = embedding_rows(model)
    used = len(tokenizer)
    tokenizer.add_special_tokens({"extra_special_tokens": list(marks)}, replace_extra_special_tokens=False)
    if len(tokenizer) > known:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    new = tokenizer.convert_tokens_to_ids(list(marks))
    # The mean of the rows that were trained: as likely as any other token, and the same in every import.
    with torch.no_grad():
        for layer in (model.get_input_embeddings(), model.get_output_embeddings()):
            if layer is not None:
                rows: torch.Tensor = layer.weight  # type: ignore[assignment]  # (tokens, width)
                rows[new] = rows[: min(used, known)].float().mean(0).to(rows.dtype)
