"""Training rows of alignment: the same question with and without an edit in the prompt.

A question in scope has the new target as its response under the edit, and the former one without; a question out of
scope and free text have the same response in both.

Source: Jiang et al. 2024, arXiv:2402.11905, section 3.1; the authors' EasyEdit/create_train_data.ipynb.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from quintain.fields import Natural, NotNegative, Seed, check
from quintain.methods.lte.compose import compose
from quintain.methods.lte.edits import Words, edit_of, slot_of, word_forms
from quintain.methods.lte.embedding import Embedder
from quintain.methods.lte.findings import Hit
from quintain.methods.lte.gate import SlotGate, SlotWords, match_slot
from quintain.progress import told
from quintain.records import (
    OUT_OF_SCOPE,
    Completion,
    Dropped,
    EditCase,
    InstructionPair,
    Origin,
    PairKind,
    Request,
)

_NEIGHBOURS = 5
_OF_ITS_SUBJECT = 2
_DECIMALS = 4
_MOST_DRAWS = 100
_SAME_SLOT = ("rephrase", "subject-aliasing")


@dataclass(frozen=True, kw_only=True)
class AlignmentRowParams:
    """Mixture and draws of the alignment rows.

    Raises:
        ValueError: A value is out of range.
    """

    mode: Literal["robust", "paper"] = "robust"
    """Who distractors are and where they stand. `robust`: edits of the same subject and edits whose prompts are alike,
    at any place. `paper`: edits whose facts are alike, none of the same subject, the true fact first."""
    distractors: Annotated[Sequence[NotNegative], Meta(min_length=1)] = (0.5, 0.25, 0.25)
    """Shares of descriptors with no, one, two … distractors."""
    free_text: Natural = 0
    """Most instructions among the rows; each makes two."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)
        if abs(sum(self.distractors) - 1) > 1e-6:
            raise ValueError(f"distractors must be shares that add up to 1, got {self.distractors}")
        if len(self.distractors) > _NEIGHBOURS + 1:
            raise ValueError(f"a descriptor has at most {_NEIGHBOURS} distractors, got shares for more")


@dataclass(frozen=True, kw_only=True)
class RowDraft:
    """A row that may still lack its response."""

    request: Request
    """What the student is asked, as `compose` asks it."""
    asked: Request
    """What a model is asked for a response that no label gives: the question alone, unless the edit shall change it."""
    kind: PairKind
    """In scope, out of scope, or free text."""
    aspect: str
    """Aspect of the question; `free-text` for an instruction."""
    case_id: str
    """The edit that the question is about, or that stands over an instruction."""
    facts: int
    """Edits in the prompt."""
    response: str = ""
    """The label; empty where there is none."""


def draft_rows(
    cases: Sequence[EditCase], instructions: Sequence[str], params: AlignmentRowParams, embed: Embedder
) -> list[RowDraft]:
    """Make the parallel rows of all cases and instructions.

    A case asks its prompt and all its probes, each with its edit and without.

    Args:
        cases: Edits to learn from.
        instructions: Free text, which no edit changes.
        params: Mode, shares, numbers.
        embed: Texts to vectors; the distractors of an edit are its neighbours.

    Returns:
        The rows; one that was there already is left out.
    """
    rng = random.Random(f"rows/{params.seed}")
    descriptors = _Descriptors(cases, params, embed, rng)
    drafts: list[RowDraft] = []
    for number in told(range(len(cases)), "rows of edits, edits"):
        drafts += _questions(number, descriptors)
    for text in rng.sample(list(instructions), min(params.free_text, len(instructions))):
        unrelated = descriptors.unrelated(text)
        if unrelated is not None:
            drafts += _parallel(text, unrelated, descriptors, "free-text", "", "")
    return list({(draft.request.id, draft.response): draft for draft in drafts}.values())


def ask_responses(drafts: Sequence[RowDraft]) -> list[Request]:
    """Ask for the responses that no label gives, each once."""
    return list({draft.asked.id: draft.asked for draft in drafts if not draft.response}.values())


def read_responses(
    drafts: Sequence[RowDraft], completions: Sequence[Completion]
) -> tuple[list[InstructionPair], list[Dropped]]:
    """Complete the rows.

    Args:
        drafts: The rows.
        completions: One for each of `ask_responses`.

    Returns:
        The rows, and those that were dropped with the reason: `error`, `length` (not ended) or `empty`.
    """
    said = {completion.request_id: completion for completion in completions}
    rows: list[InstructionPair] = []
    dropped: list[Dropped] = []
    for draft in drafts:
        if draft.response:
            rows.append(_row(draft, draft.response, ""))
            continue
        completion = said[draft.asked.id]
        if completion.finish_reason == "stop" and completion.response.strip():
            rows.append(_row(draft, completion.response, completion.origin.model))
        else:
            reason = "empty" if completion.finish_reason == "stop" else completion.finish_reason
            where = f"{draft.case_id} ({draft.aspect})"
            dropped.append(Dropped(stage="rows", reason=reason, where=where, text=completion.text))
    # The same question belongs to several edits, once with a label and once without.
    return list({row.id: row for row in rows}.values()), list({one.id: one for one in dropped}.values())


def _row(draft: RowDraft, response: str, model: str) -> InstructionPair:
    knobs = {"aspect": draft.aspect, "facts": str(draft.facts)}
    origin = Origin(parents=(draft.case_id,), prompt=draft.request.prompt, model=model, knobs=knobs)
    text = draft.request.messages[-1].content
    return InstructionPair(instruction=text, response=response, kind=draft.kind, origin=origin)


def _questions(number: int, descriptors: "_Descriptors") -> Iterator[RowDraft]:
    case = descriptors.cases[number]
    former = case.ground_truth[0] if case.ground_truth else ""
    yield from _parallel(case.prompt, number, descriptors, "rewrite", case.target_new, former)
    for probe in case.probes:
        answer = next((spelling for answer in probe.answers for spelling in answer if spelling.strip()), "")
        before = answer if not probe.in_scope else former if probe.aspect in _SAME_SLOT else ""
        yield from _parallel(probe.prompt, number, descriptors, probe.aspect, answer, before)


def _parallel(
    question: str, number: int, descriptors: "_Descriptors", aspect: str, after: str, before: str
) -> Iterator[RowDraft]:
    hits = descriptors.over(question, number, two_hops=aspect == "reasoning")
    plain, edited = compose(question, []), compose(question, hits)
    in_scope = aspect not in (*OUT_OF_SCOPE, "free-text")
    kind: PairKind = "in-scope" if in_scope else "free-text" if aspect == "free-text" else "out-of-scope"
    case_id = descriptors.cases[number].id
    for request, facts, response in ((edited, len(hits), after), (plain, 0, before)):
        yield RowDraft(
            request=request,
            asked=request if in_scope else plain,
            kind=kind,
            aspect=aspect,
            case_id=case_id,
            facts=facts,
            response=response,
        )


class _Descriptors:
    """The edits that stand over a question: the one it is about, and as many neighbours as the draw says."""

    def __init__(
        self, cases: Sequence[EditCase], params: AlignmentRowParams, embed: Embedder, rng: random.Random
    ) -> None:
        self.cases = cases
        self._params, self._rng = params, rng
        self._edits = [edit_of(case) for case in cases]
        self._slots = [SlotWords(edit) for edit in self._edits]
        self._set_by = [slot_of(edit) for edit in self._edits]
        self._subjects: dict[Words, list[int]] = defaultdict(list)
        for number, (subject, _) in enumerate(self._set_by):
            self._subjects[subject].append(number)
        texts = [edit.fact if params.mode == "paper" else edit.prompt for edit in self._edits]
        self._vectors = embed(texts)  # (n, d)

    def over(self, question: str, number: int, *, two_hops: bool) -> list[Hit]:
        (count,) = self._rng.choices(range(len(self._params.distractors)), self._params.distractors)
        others = self._neighbours(number, word_forms(question), two_hops) if count else []
        if two_hops and self._params.mode == "robust":  # the first ones are what a memory would find beside it
            others = others[:count]
        drawn = self._rng.sample(others, min(count, len(others)))
        drawn.insert(0 if self._params.mode == "paper" else self._rng.randint(0, len(drawn)), number)
        return [Hit(self._edits[one], 1.0, passed=True) for one in drawn]

    def unrelated(self, text: str) -> int | None:
        """An edit that does not change the response to a text; None where a hundred draws found none."""
        asked = word_forms(text)
        draws = (self._rng.randrange(len(self._edits)) for _ in range(_MOST_DRAWS))
        return next((number for number in draws if not self._answers(number, asked)), None)

    def _answers(self, number: int, question: Words) -> bool:
        return SlotGate().admits(match_slot(question, self._slots[number]))

    def _neighbours(self, number: int, question: Words, two_hops: bool) -> list[int]:
        """Edits that do not change the response: some of the same subject, then those that are alike."""
        found = [] if self._params.mode == "paper" else self._of_its_subject(number, question, two_hops)
        # Many are equally alike; rounded, they stand in the order of the cases on every machine.
        likeness = np.round(self._vectors @ self._vectors[number], _DECIMALS)
        for one in map(int, np.argsort(-likeness, kind="stable")):
            if one != number and one not in found and not self._clashes(one, number, question):
                found.append(one)
            if len(found) == _NEIGHBOURS:
                break
        return found

    def _of_its_subject(self, number: int, question: Words, two_hops: bool) -> list[int]:
        """Some edits of the same subject, one a slot, those first that the gate lets pass.

        None passes but for a question of two hops: "the region of X's partner" holds the words of X's own region too.
        """
        subject, _ = own = self._set_by[number]
        by_slot: dict[tuple[Words, Words], int] = {}
        for one in self._rng.sample(self._subjects[subject], len(self._subjects[subject])):
            if self._set_by[one] != own and not self._clashes(one, number, question, two_hops=two_hops):
                by_slot.setdefault(self._set_by[one], one)
        return sorted(by_slot.values(), key=lambda one: not self._answers(one, question))[:_OF_ITS_SUBJECT]

    def _clashes(self, one: int, number: int, question: Words, *, two_hops: bool = False) -> bool:
        """True when the response would be another, or be right by accident, with this edit in the prompt."""
        if self._params.mode == "paper":
            return self._edits[one].subject == self._edits[number].subject
        same_target = self._edits[one].target_new == self._edits[number].target_new
        return same_target or (not two_hops and self._answers(one, question))
