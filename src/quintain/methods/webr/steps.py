"""The four questions of WebR: who wrote the page, what would a user ask, the response, and the response refined.

Each question is a pair: `ask_…` turns drafts into requests to a model, `read_…` takes the completions, in the same
order, back into the drafts or drops a draft with a reason.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from quintain import prompts
from quintain.methods.webr.deixis import deictic_phrase
from quintain.methods.webr.drafts import PairDraft
from quintain.methods.webr.grounding import loses_ground
from quintain.methods.webr.params import WebrParams
from quintain.methods.webr.refusals import fault
from quintain.methods.webr.spoiled import spoiled_text
from quintain.records import SHOWN_CHARACTERS, Completion, Dropped, PairKind, Request

STAGES = ("author", "request", "response", "refinement", "duplicates", "contamination", "mixture")
"""Where a draft or its pair can be dropped, in order."""

_Question = Literal["author", "request", "response", "refinement"]

_PROMPTS: dict[tuple[_Question, PairKind], str] = {
    ("author", "web-as-instruction"): "webr/author",
    ("author", "web-as-response"): "webr/author",
    ("request", "web-as-instruction"): "webr/instruction_request",
    ("request", "web-as-response"): "webr/response_request",
    ("response", "web-as-instruction"): "webr/instruction_response",
    ("response", "web-as-response"): "webr/response_rollout",
    ("refinement", "web-as-response"): "webr/response_refinement",
}

_QUOTED = re.compile(r"""(["'“‘`])(.+)(["'”’`])""", re.DOTALL)


class Read(NamedTuple):
    """Output of a stage: the drafts that pass and the dropped ones."""

    drafts: list[PairDraft]
    """Drafts with the model's text in them."""
    dropped: list[Dropped]
    """The others, with the reason and what the model wrote."""


# --- who wrote the page --------------------------------------------------------------------------------------------


def ask_author(drafts: Sequence[PairDraft], params: WebrParams) -> list[Request]:
    """Ask for the persona of each page's author, in at most 30 words.

    Robust mode shows the section that the request will be about; the paper shows the whole page, and so describes
    text that may have been cut.
    """
    return [
        _ask("author", draft, page=draft.page.text if params.mode == "paper" else draft.section) for draft in drafts
    ]


def read_author(drafts: Sequence[PairDraft], completions: Sequence[Completion], params: WebrParams) -> Read:
    """Take the personas into the drafts."""
    return _read("author", drafts, completions, params, lambda draft, text: replace(draft, author=text))


# --- what a user would ask -----------------------------------------------------------------------------------------


def ask_request(drafts: Sequence[PairDraft]) -> list[Request]:
    """Ask for what the imagined user says: about the section, or so that the section answers it."""
    return [
        _ask(
            "request",
            draft,
            page=draft.section,
            author=draft.author,
            noun=draft.noun,
            words=draft.words,
            focus=draft.focus,
        )
        for draft in drafts
    ]


def read_request(drafts: Sequence[PairDraft], completions: Sequence[Completion], params: WebrParams) -> Read:
    """Take the requests into the drafts, without quotation marks around them.

    Robust mode drops what no user would type (`spoiled_text`), and a web-as-response request that points at a text
    which its reader will never see.
    """
    read = _read("request", drafts, completions, params, lambda draft, text: replace(draft, request=_unquoted(text)))
    if params.mode == "paper":
        return read
    sound = _sound(read, "request", params, lambda draft: draft.request)
    return _without(
        sound,
        "request",
        "not-self-contained",
        lambda draft: draft.kind == "web-as-response" and bool(deictic_phrase(draft.request)),
        lambda draft: f"points at {deictic_phrase(draft.request)!r}: {draft.request}",
    )


def _unquoted(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    return quoted[2].strip() if quoted and not set(quoted[1] + quoted[3]) & set(quoted[2]) else text


# --- the response --------------------------------------------------------------------------------------------------


def ask_response(drafts: Sequence[PairDraft], params: WebrParams) -> list[Request]:
    """Ask for the response: to section and request, or, as a roll-out, to the request alone.

    Robust mode shows section and request in the order of the row to be; the paper always shows the page first.
    """
    return [
        _ask(
            "response",
            draft,
            page=draft.section,
            request=draft.request,
            request_first=draft.request_first and params.mode == "robust",
        )
        if draft.kind == "web-as-instruction"
        else _ask("response", draft, request=draft.request)
        for draft in drafts
    ]


def read_response(drafts: Sequence[PairDraft], completions: Sequence[Completion], params: WebrParams) -> Read:
    """Take the responses into the drafts; those of web-as-response are roll-outs. Robust mode drops spoiled ones."""
    read = _read(
        "response",
        drafts,
        completions,
        params,
        lambda draft, text: (
            replace(draft, response=text) if draft.kind == "web-as-instruction" else replace(draft, rollout=text)
        ),
    )
    return _sound(read, "response", params, lambda draft: draft.response or draft.rollout)


# --- the response refined ------------------------------------------------------------------------------------------


def ask_refinement(drafts: Sequence[PairDraft]) -> list[Request]:
    """Ask to improve each roll-out with the page at hand; web-as-instruction drafts are not asked about."""
    return [
        _ask("refinement", draft, page=draft.section, request=draft.request, response=draft.rollout)
        for draft in drafts
        if draft.kind == "web-as-response"
    ]


def read_refinement(drafts: Sequence[PairDraft], completions: Sequence[Completion], params: WebrParams) -> Read:
    """Take the refined responses into the web-as-response drafts; the others pass as they are, order kept.

    Robust mode drops spoiled refinements, and a draft whose refinement has less of the page than its roll-out had,
    unless the settings flag it.
    """
    asked = [draft for draft in drafts if draft.kind == "web-as-response"]
    read = _read("refinement", asked, completions, params, lambda draft, text: replace(draft, response=text))
    read = _sound(read, "refinement", params, lambda draft: draft.response)
    if params.mode == "robust" and params.less_grounded == "drop":
        read = _without(read, "refinement", "less-grounded", loses_ground, lambda draft: draft.response)
    refined = {draft.page.id: draft for draft in read.drafts}
    passed = (draft if draft.kind == "web-as-instruction" else refined.get(draft.page.id) for draft in drafts)
    return Read([draft for draft in passed if draft], read.dropped)


# --- common to all -------------------------------------------------------------------------------------------------


def _ask(question: _Question, draft: PairDraft, **fields: Any) -> Request:
    return prompts.request(_PROMPTS[question, draft.kind], fields)


def _read(
    question: _Question,
    drafts: Sequence[PairDraft],
    completions: Sequence[Completion],
    params: WebrParams,
    write: Callable[[PairDraft, str], PairDraft],
) -> Read:
    read = Read([], [])
    for draft, completion in zip(drafts, completions, strict=True):
        reason = fault(completion, params.mode)
        if reason:
            read.dropped.append(_drop(question, reason, draft, completion.text))
        else:
            fingerprint = prompts.fingerprint(_PROMPTS[question, draft.kind])
            asked = replace(draft, prompts=(*draft.prompts, fingerprint), asked=(*draft.asked, completion.request_id))
            read.drafts.append(write(asked, completion.response.strip()))
    return read


def _sound(read: Read, question: _Question, params: WebrParams, said: Callable[[PairDraft], str]) -> Read:
    """Drop what no row shall hold, with its reason; in paper mode all goes on."""
    if params.mode == "paper":
        return read
    kept = Read([], list(read.dropped))
    for draft in read.drafts:
        request = "" if question == "request" else draft.request
        if reason := spoiled_text(said(draft), draft.page, params.language, request=request):
            kept.dropped.append(_drop(question, reason, draft, said(draft)))
        else:
            kept.drafts.append(draft)
    return kept


def _without(
    read: Read, question: _Question, reason: str, unfit: Callable[[PairDraft], bool], said: Callable[[PairDraft], str]
) -> Read:
    """Drop what was read but is not fit to go on."""
    kept = Read([], list(read.dropped))
    for draft in read.drafts:
        if unfit(draft):
            kept.dropped.append(_drop(question, reason, draft, said(draft)))
        else:
            kept.drafts.append(draft)
    return kept


def _drop(question: _Question, reason: str, draft: PairDraft, text: str) -> Dropped:
    where = f"{draft.page.url} ({draft.page.id}), {draft.kind}"
    return Dropped(stage=question, reason=reason, where=where, text=text[:SHOWN_CHARACTERS])
