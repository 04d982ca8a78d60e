"""Edits put to the test: one alone, many at once, one after the other with every earlier one asked again.

First it is laid out what a memory finds for every question in every state; then each distinct question goes to a model
once, however many states ask it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from quintain.edit_memory.memory import EditMemory
from quintain.methods.lte.answers import is_right, is_same, names_answer
from quintain.methods.lte.compose import compose
from quintain.methods.lte.edits import Edit, Words, edit_of, slot_of, word_forms
from quintain.methods.lte.findings import Hit
from quintain.methods.lte.metrics import token_ratio
from quintain.progress import told
from quintain.records import EditCase, EditProbe, EditResult, EditSetting, Request

Respond = Callable[[Sequence[Request]], Sequence[str]]
"""Generates one response per request."""
Answers = Mapping[str, str]
"""Id of a request → what a model said."""
Predict = Callable[[Sequence[Request], Sequence[str]], Sequence[tuple[Sequence[int], Sequence[int]]]]
"""For each request and its right response: the likeliest tokens under teacher forcing, and the right ones."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One question to one state of a memory."""

    setting: EditSetting
    gated: bool
    memory_size: int
    age: int
    """Edits that came after the probed one."""
    case: EditCase
    probe: int
    """Place of the probe in its case, from 0; -1 asks the edit's own prompt."""
    rank: int
    """Place of the probed edit among the hits, from 1; 0 when it was not found."""
    admitted: bool
    """Whether the probed edit goes to the model."""
    passed: int
    """Edits that go to the model."""
    request: Request
    """What the model is asked."""

    @property
    def asked(self) -> EditProbe:
        """The probe itself."""
        return probe_at(self.case, self.probe)


def probe_at(case: EditCase, position: int) -> EditProbe:
    """A probe of a case by its place; -1 asks the edit's own prompt for the new target."""
    if position < 0:
        return EditProbe(aspect="rewrite", prompt=case.prompt, answers=((case.target_new,),))
    return case.probes[position]


class Examiner:
    """Lays out trials of the edits of some cases.

    Edits that a later one of their slot overrides are asked no more, nor is a question out of scope that is the prompt
    of another edit in the memory: both shall change.

    Args:
        cases: The edits and their probes, in the order in which they are put in.
        fresh: Opens an empty memory.
        k: Most edits that a question may find.
        asked: How many of the cases are asked, the first ones; the others only fill the memory. All by default.
    """

    def __init__(
        self, cases: Sequence[EditCase], fresh: Callable[[], EditMemory], k: int = 3, asked: int | None = None
    ) -> None:
        self._cases = cases
        self._fresh = fresh
        self._k = k
        self._asked = len(cases) if asked is None else asked

    def single(self, *, gated: bool = True) -> Iterator[Trial]:
        """Each edit alone in the memory, where it is revoked before the next one comes."""
        cases = self._cases[: self._asked]
        with self._fresh() as memory:
            for case in told(cases, "edits one at a time, edits"):
                held = _Held()
                held.note(edit_of(case), *memory.add([edit_of(case)]))
                yield from self._ask(memory, held, {0: case}, "single", gated)
                memory.revoke(held.ids)

    def batch(self, size: int, *, gated: bool = True) -> Iterator[Trial]:
        """The first edits at once, all asked when all are there."""
        edits = [edit_of(case) for case in self._cases[:size]]
        with self._fresh() as memory:
            held = _Held()
            for edit, edit_id in zip(edits, memory.add(edits), strict=True):
                held.note(edit, edit_id)
            asked = dict(enumerate(self._cases[: min(size, self._asked)]))
            yield from self._ask(memory, held, asked, "batch", gated)

    def standing(self, memory: EditMemory) -> Iterator[Trial]:
        """The edits of the cases in a memory that holds them already, and maybe others."""
        held = _Held()
        for kept in memory.kept():
            held.note(kept.edit, kept.id)
        cases = {edit_of(case): case for case in self._cases[: self._asked]}
        asked = {place: cases[edit] for place, edit in enumerate(held.edits) if edit in cases}
        yield from self._ask(memory, held, asked, "batch", gated=True)

    def sequential(self, checkpoints: Sequence[int]) -> Iterator[Trial]:
        """One edit after the other, each asked right after it came, and at each checkpoint all earlier ones again."""
        held = _Held()
        with self._fresh() as memory:
            for count, case in enumerate(told(self._cases, "edits one after the other, edits"), start=1):
                held.note(edit_of(case), *memory.add([edit_of(case)]))
                again = range(0 if count in checkpoints else count - 1, min(count, self._asked))
                yield from self._ask(memory, held, {i: self._cases[i] for i in again}, "sequential", gated=True)

    def _ask(
        self, memory: EditMemory, held: "_Held", cases: dict[int, EditCase], setting: EditSetting, gated: bool
    ) -> Iterator[Trial]:
        asked = list(cases.items())
        for place, case in told(asked, "edits at once, edits") if setting == "batch" else asked:
            if held.overridden(place):
                continue
            for position in range(-1, len(case.probes)):
                probe = probe_at(case, position)
                if not probe.in_scope and word_forms(probe.prompt) in held.prompts:
                    continue
                hits = memory.search(probe.prompt, self._k)
                if not gated:
                    hits = [hit._replace(passed=True) for hit in hits]
                rank = rank_of(held.ids[place], held.edits[place], hits)
                yield Trial(
                    setting=setting,
                    gated=gated,
                    memory_size=len(held.ids),
                    age=len(held.ids) - 1 - place,
                    case=case,
                    probe=position,
                    rank=rank,
                    admitted=rank > 0 and hits[rank - 1].passed,
                    passed=sum(hit.passed for hit in hits),
                    request=compose(probe.prompt, hits),
                )


class _Held:
    """Edits that a memory holds, in the order in which they came."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.edits: list[Edit] = []
        self.prompts: set[Words] = set()
        self._last_of_slot: dict[object, int] = {}

    def note(self, edit: Edit, edit_id: str) -> None:
        self._last_of_slot[slot_of(edit)] = len(self.ids)
        self.ids.append(edit_id)
        self.edits.append(edit)
        self.prompts.update(map(word_forms, (edit.prompt, *edit.paraphrases)))

    def overridden(self, place: int) -> bool:
        last = self._last_of_slot[slot_of(self.edits[place])]
        return self.edits[last].target_new != self.edits[place].target_new


def rank_of(edit_id: str, edit: Edit, hits: Sequence[Hit]) -> int:
    """Place of an edit among hits, from 1; one that says the same of the same subject in other words counts as it.

    Args:
        edit_id: Id of the edit in the memory.
        edit: The edit.
        hits: What a question found.

    Returns:
        The place; 0 when it is not among them.
    """
    said = edit.subject, edit.target_new
    return next(
        (
            place
            for place, hit in enumerate(hits, start=1)
            if hit.id == edit_id or (hit.edit.subject, hit.edit.target_new) == said
        ),
        0,
    )


def ask_original(trials: Sequence[Trial], respond: Respond) -> Answers:
    """Ask the model that the aligned one was made from every question as it is, each once.

    Args:
        trials: What is asked under which edits.
        respond: The original model.

    Returns:
        Its answers.
    """
    return _answers(_bare(trials).values(), respond)


def ask_aligned(trials: Sequence[Trial], respond: Respond) -> Answers:
    """Ask the model that learned to use edits, with the edits that pass and, for drift, without any; each once.

    Args:
        trials: What is asked under which edits.
        respond: The aligned model.

    Returns:
        Its answers.
    """
    # One call, as a model works best on many.
    return _answers([*_bare(trials).values(), *(trial.request for trial in trials if trial.passed)], respond)


def judge_trials(
    trials: Sequence[Trial], aligned: Answers, original: Answers, ratios: Mapping[int, float]
) -> list[EditResult]:
    """Hold what the models said against the answers.

    A question that passes no gate goes to the original model as it is: its response is the very one that the original
    model gives without a memory.

    Args:
        trials: What was asked under which edits.
        aligned: From `ask_aligned`.
        original: From `ask_original`.
        ratios: From `token_ratios`; empty where none were measured.

    Returns:
        One result per trial, in order.
    """
    bare = _bare(trials)
    results = []
    for trial in trials:
        probe = trial.asked
        untouched = bare[probe.prompt].id
        response = aligned[trial.request.id] if trial.passed else original[untouched]
        results.append(
            EditResult(
                setting=trial.setting,
                gated=trial.gated,
                memory_size=trial.memory_size,
                age=trial.age,
                case_id=trial.case.id,
                probe=trial.probe,
                aspect=probe.aspect,
                prompt=probe.prompt,
                response=response,
                former=original[untouched],
                plain=aligned[untouched],
                correct=is_right(response, probe.answers),
                named=names_answer(response, probe.answers),
                unchanged=is_same(response, original[untouched]),
                unchanged_aligned=is_same(response, aligned[untouched]),
                rank=trial.rank,
                admitted=trial.admitted,
                passed=trial.passed,
            )
        )
    # Later, since an id is that of what was said, measured or not.
    for place, ratio in ratios.items():
        results[place] = replace(results[place], token_ratio=ratio)
    return results


def _bare(trials: Sequence[Trial]) -> dict[str, Request]:
    return {trial.asked.prompt: compose(trial.asked.prompt, []) for trial in trials}


def _answers(requests: Iterable[Request], respond: Respond) -> Answers:
    distinct = {request.id: request for request in requests}
    return dict(zip(distinct, respond(list(distinct.values())), strict=True))


def token_ratios(trials: Sequence[Trial], predict: Predict) -> dict[int, float]:
    """Measure the authors' token ratio where they do: each edit alone, always in the prompt.

    Args:
        trials: The trials.
        predict: The aligned model under teacher forcing.

    Returns:
        Place of an ungated single edit among the trials → in scope the share of tokens of the first answer that are
        predicted right, out of scope the share that is predicted as without the edit.
    """
    places = [i for i, trial in enumerate(trials) if trial.setting == "single" and not trial.gated]
    places = [i for i in places if trials[i].asked.answers]
    targets = [trials[i].asked.answers[0][0] for i in places]
    under_edit = predict([trials[i].request for i in places], targets)
    alone = predict([compose(trials[i].asked.prompt, []) for i in places], targets)
    ratios: dict[int, float] = {}
    for i, (predicted, right), (without, _) in zip(places, under_edit, alone, strict=True):
        compared = right if trials[i].asked.in_scope else without
        if compared:
            ratios[i] = token_ratio(predicted, compared)
    return ratios
