"""A folder in Hugging Face layout made from a fetched model: checked, with its report."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.errors import ModelError
from quintain.models.folder import folder_digest
from quintain.models.importing.checks import embedding_rows, require_finite, require_rows
from quintain.models.importing.chosen_template import SetTemplate, TemplateChoice, own_template, set_template
from quintain.models.importing.greedy_reply import GreedyReply, greedy_reply
from quintain.models.importing.model_report import ModelReport, write_report
from quintain.models.importing.opened_source import OpenedSource, open_source
from quintain.models.importing.source import Fetched
from quintain.models.importing.template_probe import TemplateBehaviour, probe_template
from quintain.models.open_folder import end_tokens

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


_BEGINNINGS = ("The pears.", "Yes.", "I see.", "pears", "1", "- a", '"a"', "#")
"""Responses that begin in unlike ways."""


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """Wishes of whoever imports a model."""

    template: TemplateChoice
    """Chat template."""
    dtype: str = "auto"
    """Number format of the folder; `auto`: the source's, and bfloat16 where that is quantised."""
    add_tokens: bool = False
    """Add marks of the template that the vocabulary lacks."""

    def as_dict(self) -> dict[str, str]:
        """The wishes as the report has them."""
        return {
            "chat_template": self.template.label,
            "dtype": self.dtype,
            "add_tokens": "yes" if self.add_tokens else "no",
        }


def make_folder(
    fetched: Fetched, label: str, options: ImportOptions, folder: Path, say: Callable[[str], None]
) -> ModelReport:
    """Make the folder of an imported model.

    Args:
        fetched: The model on this machine.
        label: Its source, as it was named.
        options: Wishes.
        folder: What is made; the caller gives it its name when it is whole.
        say: Takes a line on what is going on.

    Returns:
        The report, which lies in the folder too.

    Raises:
        ModelError: The model is not whole, its parts do not belong together, or its replies do not end.
    """
    say(f"Opening {label} …")
    source = open_source(fetched.place, options.dtype)
    say("Checking weights, tokenizer and chat template …")
    require_finite(source.model, label)
    require_rows(source.model, source.tokenizer, label)
    made = set_template(
        source.model,
        source.tokenizer,
        options.template,
        adds_bos=source.adds_bos,
        add_tokens=options.add_tokens,
    )
    behaviour = _behaviour(source.tokenizer, label)
    learnt_end = _name_ends(source, behaviour)
    facts = _facts(source)
    notes = [*_notes(source, made, behaviour), *learnt_end]
    licence = source.licence or fetched.licence
    say("Writing …")
    _save(source, fetched.place, folder)
    del source  # before the folder is opened once more
    say("Asking it …")
    reply = greedy_reply(folder, trained=options.template.is_own)
    if not reply.ended:
        notes.append(_endless(reply, options.template, label))
    report = ModelReport(
        source=label,
        source_digest=fetched.digest,
        digest=folder_digest(folder),
        asked=options.as_dict(),
        licence=licence,
        template=behaviour,
        reply=reply,
        notes=tuple(notes),
        **facts,
    )
    write_report(report, folder)
    return report


def report_on(folder: Path) -> ModelReport:
    """Report on a folder that nobody imported; nothing is written.

    Args:
        folder: Whole model in Hugging Face layout.

    Returns:
        The report; that no greedy reply ends is a note.

    Raises:
        ModelError: The model is not whole, or its parts do not belong together.
    """
    label = str(folder)
    source = open_source(folder, "auto")
    require_finite(source.model, label)
    require_rows(source.model, source.tokenizer, label)
    behaviour = _behaviour(source.tokenizer, label)
    facts, licence = _facts(source), source.licence
    notes = _notes(source, SetTemplate(as_text=(), added=()), behaviour)
    del source  # before the folder is opened once more
    reply = greedy_reply(folder, trained=True)
    if not reply.ended:
        notes.append(f"a greedy reply did not end within {reply.tokens} tokens; an untrained model's does not")
    digest = folder_digest(folder)
    return ModelReport(
        source=label,
        source_digest=digest,
        digest=digest,
        asked={"chat_template": "", "dtype": "auto", "add_tokens": "no"},
        licence=licence,
        template=behaviour,
        reply=reply,
        notes=tuple(notes),
        **facts,
    )


def _behaviour(tokenizer: "PreTrainedTokenizerBase", label: str) -> TemplateBehaviour:
    def render(
        template: str, messages: Sequence[Mapping[str, str]], generation: bool, variables: Mapping[str, Any]
    ) -> str:
        rendered = tokenizer.apply_chat_template(
            [dict(message) for message in messages],
            chat_template=template,
            add_generation_prompt=generation,
            tokenize=False,
            **variables,
        )
        return str(rendered)

    def ids(messages: list[dict[str, str]], *, generation: bool) -> list[int]:
        encoded: Any = tokenizer.apply_chat_template(messages, add_generation_prompt=generation, return_dict=False)
        return list(encoded)

    special = {str(token) for token in tokenizer.added_tokens_decoder.values()} | set(tokenizer.all_special_tokens)
    try:
        behaviour = probe_template(own_template(tokenizer), render, str(tokenizer.bos_token or ""), special)
    except ValueError as error:
        raise ModelError(f"{label}: {error}; name another one with --chat-template") from error
    # A vocabulary may melt the end of a prompt into the beginning of a response, where the text is the same.
    question = {"role": "user", "content": "Tell me."}
    prompt = ids([question], generation=True)
    kept = all(
        ids([question, {"role": "assistant", "content": response}], generation=False)[: len(prompt)] == prompt
        for response in _BEGINNINGS
    )
    return replace(behaviour, stable_prefix=behaviour.stable_prefix and kept)


def _name_ends(source: OpenedSource, behaviour: TemplateBehaviour) -> list[str]:
    """Make the token that ends a response in the template one that ends a completion."""
    tokenizer, config = source.tokenizer, source.model.generation_config
    known = end_tokens(source.model, tokenizer)
    ends = known | set(source.end_ids)
    if behaviour.end_mark:
        ends.add(tokenizer.get_vocab()[behaviour.end_mark])
    config.eos_token_id = sorted(ends) if len(ends) > 1 else next(iter(ends), None)
    if new := sorted(ends - known):
        names = ", ".join(map(str, tokenizer.convert_ids_to_tokens(new)))
        return [f"{names} ends a response too; named in generation_config.json beside the end tokens of the source"]
    return []


def _facts(source: OpenedSource) -> dict[str, Any]:
    model, tokenizer = source.model, source.tokenizer
    text_config = model.config.get_text_config()
    stops = sorted(end_tokens(model, tokenizer))
    return {
        "architecture": type(model).__name__,
        "parameters": model.num_parameters(),
        "context_tokens": getattr(text_config, "max_position_embeddings", None),
        "number_format": str(model.dtype).removeprefix("torch."),
        "stored_as": source.stored_as,
        "vocabulary": len(tokenizer),
        "embedding_rows": embedding_rows(model),
        "tied_embeddings": bool(getattr(text_config, "tie_word_embeddings", False)),
        "special_tokens": {
            part.removesuffix("_token"): str(token)
            for part, token in tokenizer.special_tokens_map.items()
            if isinstance(token, str)
        },
        "end_tokens": dict(zip(map(str, tokenizer.convert_ids_to_tokens(stops)), stops, strict=True)),
        "adds_bos": source.adds_bos,
    }


def _notes(source: OpenedSource, made: SetTemplate, behaviour: TemplateBehaviour) -> list[str]:
    notes = []
    if made.as_text:
        notes.append(
            f"the vocabulary lacks {', '.join(made.as_text)}: the template writes them as plain text"
            + (f", and a response ends with {behaviour.end_mark}" if behaviour.end_mark else "")
        )
    if made.added:
        notes.append(
            f"{', '.join(made.added)} were added: their rows in the embedding are new and must be trained. Train all "
            "weights, or let the adapter train them too (trainable_token_indices of LoraConfig)"
        )
    if not behaviour.stable_prefix:
        notes.append("the template changes a prompt once a response follows it")
        notes.append("so in training a response stands behind the prompt of generation, closed with the template's end")
    if not behaviour.end_mark:
        notes.append("the template ends a response with no special token: in training an end token is put behind it")
    if behaviour.begins_with_bos != 1 and source.adds_bos:
        notes.append(
            f"a text of this model begins with BOS, and a chat begins with {behaviour.begins_with_bos} of them"
        )
    if source.unused:
        some = ", ".join(source.unused[:3])
        notes.append(f"{len(source.unused)} weights of the source have no place in the model, such as {some}")
    return notes


def _save(source: OpenedSource, place: Path, folder: Path) -> None:
    from safetensors import SafetensorError

    try:
        source.model.save_pretrained(folder)
        source.tokenizer.save_pretrained(folder)
    except (SafetensorError, ValueError) as error:
        raise ModelError(
            f"the model could not be written in {folder.parent}: {error}; see that its disk has room, then run it again"
        ) from error
    if place.is_dir():
        for terms in (*place.glob("LICENSE*"), *place.glob("NOTICE*")):
            if terms.is_file():
                shutil.copyfile(terms, folder / terms.name)


def _endless(reply: GreedyReply, template: TemplateChoice, label: str) -> str:
    """Say that no reply ended; an error for a model that was trained with its template."""
    if not template.is_own:
        return (
            f"a greedy reply did not end within {reply.tokens} tokens, as expected of a base model: it has yet to be "
            "trained with this template"
        )
    raise ModelError(
        f"{label} does not end its replies: {reply.question!r} was still being replied to after {reply.tokens} tokens "
        f"({reply.text[:80]!r} …). See that generation_config.json of the source names its end tokens; if the model "
        "has yet to be trained with a chat template, name that one (--chat-template)"
    )
