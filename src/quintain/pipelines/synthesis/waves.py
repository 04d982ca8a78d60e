"""Waves of drafts: a part of the plan goes through all questions before the next is asked about.

So the drafts of a run never lie in memory together, and where only some pairs are wanted only as many drafts are asked
about as it takes. The plan's order is drawn from a seed and waves begin at its front, so a run that is repeated asks in
the same order, and the ledger answers what was answered.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.decontamination import Decontamination, find_held_out
from quintain.methods import webr
from quintain.methods.webr import PairDraft, Read, WebrParams
from quintain.models.ledgered_model import LedgeredModel
from quintain.records import Completion, Dropped, InstructionPair, Origin, PairKind, Request
from quintain.text.streams import Joined, Mapped, Spool, Stream, batched, working_folder
from quintain.usage import NOTHING, Price, RoleUsage, Usage, by_role, money

logger = logging.getLogger(__name__)

_FEWEST_IN_A_WAVE = 4
_PAIRS_IN_MEMORY = 256


@dataclass(frozen=True)
class Answers:
    """Drafts that came through all questions, and what became of the others."""

    drafts: Stream[PairDraft]
    """The drafts, with all answers in them."""
    dropped: Stream[Dropped]
    """The others, with their reasons."""
    calls: tuple[RoleUsage, ...]
    """Calls of each question."""
    asked: int
    """Drafts that were asked about."""
    planned: int
    """Drafts of the plan."""

    @property
    def models(self) -> dict[str, str]:
        """Role → name of the model that played it."""
        return {calls.role: calls.model for calls in self.calls}


@dataclass(frozen=True)
class Choice:
    """Pairs that stay, and why others do not."""

    kept: frozenset[str]
    """Ids of the pairs that stay."""
    dropped: list[Dropped]
    """The others."""


def ask_in_waves(
    drafts: Sequence[PairDraft],
    params: WebrParams,
    author: LedgeredModel,
    teacher: LedgeredModel,
    decontamination: Decontamination,
    benchmarks: Sequence[Benchmark],
    scratch: Path,
    prices: Mapping[str, Price] | None = None,
) -> Answers:
    """Ask about the drafts, wave after wave, until there are enough pairs or no further drafts.

    Args:
        drafts: The plan.
        params: How many pairs are wanted, and how many drafts may be in memory.
        author: Who says who wrote a page.
        teacher: Who writes requests and responses.
        decontamination: What makes a pair hold an item.
        benchmarks: Benchmarks whose items no pair may hold.
        scratch: Folder for what has been answered.
        prices: Role → price, for what is told of the progress.

    Returns:
        The answers.
    """
    folder = working_folder(scratch)
    finished, dropped = Spool(folder / "drafts", PairDraft), Spool(folder / "dropped", Dropped)
    asking = {"author": author, "teacher": teacher}
    usages = [RoleUsage(role=role, model=asking[role].name) for role, _, _ in STEPS]
    tally = _Tally(params, decontamination, benchmarks, {"author": author.name, "teacher": teacher.name})
    wanted = params.max_rows if params.mode == "robust" else 0
    most = params.wave_rows or len(drafts)
    asked = 0
    while asked < len(drafts):
        size = min(most, len(drafts) - asked)
        if wanted:
            size = min(size, wave_size(wanted, tally.kept, asked))
        wave = _ask_wave(drafts[asked : asked + size], params, asking, usages)
        asked += size
        finished.add(wave.drafts)
        dropped.add(wave.dropped)
        if wanted:
            tally.add(wave.drafts)
        del wave  # before the next: two waves at once are twice the memory
        logger.info("%s", _told(asked, len(drafts), tally.kept, wanted, usages, prices))
        if wanted and tally.kept >= wanted:
            break
    return Answers(finished, dropped, tuple(usages), asked, len(drafts))


def _ask_wave(
    drafts: Sequence[PairDraft], params: WebrParams, asking: Mapping[str, LedgeredModel], usages: list[RoleUsage]
) -> Read:
    """Ask all questions about some drafts, and add what each took to the usage of its step."""
    alive, fallen = list(drafts), list[Dropped]()
    for place, (role, ask, read) in enumerate(STEPS):
        completions = asking[role].generate(ask(alive, params))
        alive, lost = read(alive, completions, params)
        fallen += lost
        usages[place] = _together(usages[place], Usage.of(completions))
    return Read(alive, fallen)


def wave_size(wanted: int, kept: int, asked: int) -> int:
    """Drafts of the next wave: as many as it takes if they are kept as those before were.

    Args:
        wanted: Pairs that are wanted.
        kept: Pairs that there are.
        asked: Drafts that were asked about for them.

    Returns:
        A number from 1; without a pair so far, as many again as were asked about.

    >>> wave_size(100, 0, 0), wave_size(100, 50, 100), wave_size(100, 0, 100)
    (100, 100, 100)
    """
    if not kept:
        return max(asked, wanted)
    return max(_FEWEST_IN_A_WAVE, math.ceil((wanted - kept) * asked / kept))


def _together(so_far: RoleUsage, new: Usage) -> RoleUsage:
    total = so_far + new
    return RoleUsage(total.calls, total.prompt_tokens, total.completion_tokens, role=so_far.role, model=so_far.model)


def _told(
    asked: int, planned: int, kept: int, wanted: int, usages: Sequence[RoleUsage], prices: Mapping[str, Price] | None
) -> str:
    """Progress of a run: pages, pairs, what was spent and what all of it will come to."""
    used = by_role(usages)
    paid = money(used, prices or {})
    total = sum(used.values(), NOTHING)
    # With a number of pairs to come to, the end is where they are there; else where all pages were asked about.
    done = kept / wanted if wanted else asked / planned
    so_far, unit = (total.tokens, " tokens") if paid is None else (paid, "")
    spent = f"{so_far:,.0f}" if unit else f"{so_far:,.2f}"
    expected = "" if not done else f" of about {so_far / min(done, 1.0):,.{0 if unit else 2}f}"
    pairs = f"{kept:,} of {wanted:,} pairs, " if wanted else ""
    return f"{asked:,} of {planned:,} pages asked about: {pairs}{total.calls:,} calls, spent {spent}{expected}{unit}"


_Ask = Callable[[Sequence[PairDraft], WebrParams], list[Request]]
_Reader = Callable[[Sequence[PairDraft], Sequence[Completion], WebrParams], Read]
STEPS: tuple[tuple[str, _Ask, _Reader], ...] = (
    ("author", webr.ask_author, webr.read_author),
    ("teacher", lambda drafts, _: webr.ask_request(drafts), webr.read_request),
    ("teacher", webr.ask_response, webr.read_response),
    ("teacher", lambda drafts, _: webr.ask_refinement(drafts), webr.read_refinement),
)
"""Role, question and reading of each step, in order."""


class _Tally:
    """Counts the pairs that would stay, of the drafts so far."""

    def __init__(
        self,
        params: WebrParams,
        decontamination: Decontamination,
        benchmarks: Sequence[Benchmark],
        models: dict[str, str],
    ) -> None:
        from quintain.web.growing_clusters import GrowingClusters

        self._params, self._decontamination, self._benchmarks = params, decontamination, benchmarks
        self._models = models
        self._clusters = GrowingClusters(params.duplicate_similarity, shingle_words=params.shingle_words)
        self._distinct: dict[PairKind, set[int]] = {"web-as-instruction": set(), "web-as-response": set()}
        self.kept = 0

    def add(self, drafts: Sequence[PairDraft]) -> None:
        pairs = webr.make_pairs(drafts, self._params, self._models)
        leaks = find_held_out(map(_texts, pairs), self._benchmarks, self._decontamination)
        clean = [pair for pair, leak in zip(pairs, leaks, strict=True) if leak is None]
        for pair, cluster in zip(clean, self._clusters.add([pair.request for pair in clean]), strict=True):
            self._distinct[pair.kind].add(cluster)
        as_instruction, as_response = map(len, self._distinct.values())
        self.kept = sum(webr.mixture_of(as_instruction, as_response, self._params))


def choose(
    answers: Answers, params: WebrParams, decontamination: Decontamination, benchmarks: Sequence[Benchmark]
) -> Choice:
    """Choose the pairs that stay: no two that ask the same, none that holds an item, in the mixture.

    Args:
        answers: Drafts with all answers in them.
        params: Similarity of equal requests, mixture.
        decontamination: What makes a pair hold an item.
        benchmarks: Benchmarks whose items no pair may hold.

    Returns:
        The choice. Only requests lie in memory, never the pages in the pairs.
    """
    pairs = [_slim(pair) for pair in pairs_of(answers, params)]
    distinct, repeated = webr.drop_duplicates(pairs, _clusters(pairs, params))
    staying = frozenset(pair.id for pair in distinct)
    texts = (_texts(pair) for pair in pairs_of(answers, params, staying))
    clean, contaminated = webr.drop_leaks(distinct, find_held_out(texts, benchmarks, decontamination))
    kept, surplus = webr.hold_mixture(clean, params)
    return Choice(frozenset(pair.id for pair in kept), [*repeated, *contaminated, *surplus])


def pairs_of(answers: Answers, params: WebrParams, staying: frozenset[str] | None = None) -> Stream[InstructionPair]:
    """Pairs of the answered drafts, made anew each time they are read.

    Args:
        answers: The drafts.
        params: Mode, for the record.
        staying: Ids of the pairs to give; None for all.

    Returns:
        The pairs, in the order of the drafts.
    """
    return Mapped(answers.drafts, _Pairing(params, answers.models, staying))


@dataclass(frozen=True)
class _Pairing:
    """From drafts to the pairs that stay."""

    params: WebrParams
    models: dict[str, str]
    staying: frozenset[str] | None

    def __call__(self, drafts: list[PairDraft]) -> list[InstructionPair]:
        pairs = webr.make_pairs(drafts, self.params, self.models)
        return pairs if self.staying is None else [pair for pair in pairs if pair.id in self.staying]


def all_dropped(answers: Answers, choice: Choice) -> Stream[Dropped]:
    """Everything dropped since the plan.

    Args:
        answers: What fell on the way through the questions.
        choice: What fell behind them.

    Returns:
        The drops, in that order.
    """
    return Joined(answers.dropped, choice.dropped)


def _texts(pair: InstructionPair) -> tuple[str, str, str]:
    return pair.instruction, pair.response, pair.rollout


def _slim(pair: InstructionPair) -> InstructionPair:
    """A pair under its own id without the page: what is chosen by looks at requests and ids alone."""
    return replace(pair, instruction="", response="", rollout="", origin=Origin())


def _clusters(pairs: Sequence[InstructionPair], params: WebrParams) -> list[int]:
    """Number the clusters of equal requests; only requests that share a band with another are looked at closely."""
    import numpy as np

    from quintain.web.duplicates import near_duplicates, signatures
    from quintain.web.groups import share_a_band

    if not pairs:
        return []
    parts = [
        signatures([pair.request for pair in part], params.shingle_words) for part in batched(pairs, _PAIRS_IN_MEMORY)
    ]
    rows = np.concatenate(parts)
    del parts
    meeting = share_a_band(rows, params.duplicate_similarity)
    met = np.flatnonzero(meeting)
    requests = [pairs[place].request for place in met.tolist()]
    found = near_duplicates(
        requests, params.duplicate_similarity, shingle_words=params.shingle_words, rows=rows[meeting]
    )
    # Those that meet nobody are clusters of their own, behind the numbers of the others.
    clusters = np.arange(len(found), len(found) + len(pairs))
    clusters[met] = found
    return [int(number) for number in clusters]
