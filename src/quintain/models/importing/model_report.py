"""The report on an imported model, kept beside its weights."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from quintain.errors import ModelError
from quintain.models.chat_rendering import PINNED_DAY
from quintain.models.folder import MODEL_REPORT
from quintain.models.importing.greedy_reply import GreedyReply
from quintain.models.importing.template_probe import TemplateBehaviour


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    """Facts about an imported model that its users are surprised by otherwise."""

    source: str
    """What it was imported from."""
    source_digest: str
    """SHA-256 of that."""
    digest: str
    """Content hash of the folder that was made of it."""
    asked: dict[str, str]
    """Options of the import."""
    architecture: str
    """Class of the model."""
    parameters: int
    """Number of weights; shared ones count once."""
    context_tokens: int | None
    """Longest sequence; None: the model states none."""
    number_format: str
    """Number format of the weights in the folder."""
    stored_as: str
    """Number format of the source."""
    licence: str
    """Licence that the source states; empty: none."""
    vocabulary: int
    """Tokens of the tokenizer."""
    embedding_rows: int
    """Tokens that the model has room for."""
    tied_embeddings: bool
    """True when input and output share one embedding."""
    special_tokens: dict[str, str]
    """Special tokens by their part."""
    end_tokens: dict[str, int]
    """Tokens that end a completion, with their ids."""
    adds_bos: bool
    """True when the tokenizer begins a plain text with the beginning-of-sequence token."""
    template: TemplateBehaviour
    """Behaviour of the chat template."""
    reply: GreedyReply
    """A greedy reply."""
    notes: tuple[str, ...]
    """What has to be known before this model is trained."""


def write_report(report: ModelReport, folder: Path) -> None:
    """Write the report into the folder of its model."""
    text = json.dumps(asdict(report), indent=1, ensure_ascii=False)
    (folder / MODEL_REPORT).write_text(text + "\n", encoding="utf-8")


def read_report(folder: Path) -> ModelReport | None:
    """Read the report of an imported model.

    Args:
        folder: Its folder.

    Returns:
        The report; None when there is none.

    Raises:
        ModelError: It cannot be read.
    """
    file = folder / MODEL_REPORT
    if not file.is_file():
        return None
    try:
        values: Any = json.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(values, ModelReport)
    except (ValueError, msgspec.ValidationError) as error:
        raise ModelError(
            f"{file} is no report of this version of Quintain: {error}; import the model again into a new folder"
        ) from error


def report_rows(report: ModelReport) -> list[tuple[str, str]]:
    """Say it in words, one row a fact."""
    template, reply = report.template, report.reply
    spare = report.embedding_rows - report.vocabulary
    tags = " … ".join(template.reasoning_tags or ())
    rows = [
        ("source", report.source),
        ("source sha256", report.source_digest),
        ("digest", report.digest),
        ("architecture", report.architecture),
        ("parameters", f"{report.parameters:,}"),
        ("context", f"{report.context_tokens:,} tokens" if report.context_tokens else "not stated"),
        ("number format", report.number_format + _because(report)),
        ("licence", report.licence or "not stated: ask whoever made the model"),
        (
            "vocabulary",
            f"{report.vocabulary:,} tokens{f', {spare:,} spare rows' if spare else ''}, "
            f"{'one embedding for input and output' if report.tied_embeddings else 'separate output weights'}",
        ),
        ("special tokens", ", ".join(f"{part} {token}" for part, token in report.special_tokens.items()) or "none"),
        ("end tokens", ", ".join(f"{token} ({number})" for token, number in report.end_tokens.items()) or "none"),
        ("chat template", report.asked["chat_template"] or "the model's own"),
        ("  system turn", template.system),
        ("  before all turns", repr(template.preamble) if template.preamble else "nothing"),
        ("  begins with BOS", _times(template.begins_with_bos)),
        ("  several turns", "taken" if template.takes_history else "refused"),
        ("  prompt before a response", "unchanged (stable prefix)" if template.stable_prefix else "changed"),
        ("  earlier turns", "unchanged by later ones" if template.keeps_history else "changed by later ones"),
        ("  a response's text", "word for word" if template.keeps_text else "changed where it names reasoning tags"),
        ("  before a response", repr(template.before_response) if template.before_response else "nothing"),
        ("  ends a response", f"with {template.end_mark}" if template.end_mark else "without an end token"),
        (
            "  date",
            {"": "none", "today": f"today's; in Quintain it is {PINNED_DAY:%d %b %Y} for ever"}.get(
                template.date, template.date
            ),
        ),
        ("  reasoning", _reasoning(template, tags)),
        ("greedy reply", f"{reply.question!r} → {_shortened(reply.text)!r}"),
        ("  ends", f"after {reply.tokens} tokens" if reply.ended else f"not within {reply.tokens} tokens"),
    ]
    return rows + [("note", note) for note in report.notes]


def _because(report: ModelReport) -> str:
    return "" if report.stored_as == report.number_format else f" (source: {report.stored_as})"


def _times(count: int) -> str:
    return {0: "no", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _reasoning(template: TemplateBehaviour, tags: str) -> str:
    if not tags:
        return "none known"
    opened = ", opened by the prompt" if template.opens_reasoning else ""
    switch = f", switched by `{template.reasoning_switch}`" if template.reasoning_switch else ""
    return f"{tags}{opened}{switch}"


def _shortened(text: str, most: int = 120) -> str:
    return text if len(text) <= most else text[:most] + "…"
