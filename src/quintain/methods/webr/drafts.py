"""Before any model is asked: which page becomes what, and with which knobs."""

import math
import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, overload

from quintain.methods.webr.params import WebrParams
from quintain.records import PairKind, WebPage, content_id
from quintain.text.words import first_words, words

Focus = Literal["all", "part"]

_NOUNS: dict[PairKind, tuple[str, ...]] = {
    "web-as-instruction": ("request", "instruction"),
    "web-as-response": ("request", "question", "instruction"),
}


@dataclass(frozen=True, kw_only=True)
class PairDraft:
    """A pair in the making: its page, its knobs, and what models have written for it so far."""

    page: WebPage
    """The page it is made from."""
    section: str
    """The part of the page's text that models see."""
    kind: PairKind
    """What becomes of the page."""
    focus: Focus
    """Whether the request is about all of the section or one part of it."""
    noun: str
    """What the prompt calls a request."""
    words: int
    """Length budget of the request, in words."""
    request_first: bool
    """Whether the request stands before the page in the user turn; for web-as-instruction."""
    seed: int
    """Seed that the knobs were drawn with."""
    cut: bool = False
    """Whether the page was longer than any that is shown, and lost its end before the section was drawn."""
    author: str = ""
    """Persona of the page's author."""
    request: str = ""
    """What the imagined user asks."""
    rollout: str = ""
    """Response without the page; for web-as-response."""
    response: str = ""
    """Final response."""
    prompts: tuple[str, ...] = ()
    """Fingerprints of the prompts asked so far, in order."""
    asked: tuple[str, ...] = ()
    """Ids of the requests to models so far, in order."""


class Plan(Sequence[PairDraft]):
    """Drafts of all pages, each made when it is asked for: the pages may lie on disk.

    Args:
        pages: The pages; one draft is planned for each.
        params: Mixture, shares and budgets.
    """

    def __init__(self, pages: Sequence[WebPage], params: WebrParams) -> None:
        self._pages, self._params = pages, params
        if params.mode == "paper":
            self._order: Sequence[int] = range(len(pages))
            self._kinds = _paper_kinds(len(pages))
            return
        places = sorted((content_id("order", params.seed, page.id), place) for place, page in enumerate(pages))
        self._order = array("q", (place for _, place in places))
        self._kinds = []
        planned: dict[PairKind, int] = {"web-as-instruction": 0, "web-as-response": 0}
        for rank in range(len(self._order)):
            kind: PairKind = "web-as-instruction" if _due(rank, params.instruction_share) else "web-as-response"
            self._kinds.append((kind, "part" if _due(planned[kind], params.part_share) else "all"))
            planned[kind] += 1

    def __len__(self) -> int:
        return len(self._order)

    def place(self, rank: int) -> int:
        """Place of the page that a draft is made from."""
        return self._order[rank]

    @overload
    def __getitem__(self, rank: int) -> PairDraft: ...
    @overload
    def __getitem__(self, rank: slice) -> list[PairDraft]: ...
    def __getitem__(self, rank: int | slice) -> PairDraft | list[PairDraft]:
        if isinstance(rank, slice):
            return [self[each] for each in range(*rank.indices(len(self)))]
        return _draft(self._pages[self._order[rank]], *self._kinds[rank], self._params)


def plan(pages: Sequence[WebPage], params: WebrParams) -> list[PairDraft]:
    """Decide for each page what it becomes and draw its knobs.

    Args:
        pages: The pages; one draft is planned for each.
        params: Mixture, shares and budgets.

    Returns:
        One draft per page. In robust mode in an order drawn from the pages' ids, and any number of drafts from the
        front holds the mixture within one row; in paper mode in the order of the pages.
    """
    return list(Plan(pages, params))


def _due(index: int, share: float) -> bool:
    """True when the index-th of a series belongs to the share; after n of them, round(n × share) did."""
    return math.floor((index + 1) * share + 0.5) > math.floor(index * share + 0.5)


def _paper_kinds(count: int) -> list[tuple[PairKind, Focus]]:
    """Kinds by position: two, two and one sixth of the pages, and the rest.

    Source: stage "request" of the authors' create_data_*.py.
    """
    sixth = count // 6
    kinds: list[tuple[PairKind, Focus]] = [("web-as-instruction", "all")] * (2 * sixth)
    kinds += [("web-as-instruction", "part")] * (2 * sixth)
    kinds += [("web-as-response", "all")] * sixth
    kinds += [("web-as-response", "part")] * (count - 5 * sixth)
    return kinds


def _draft(page: WebPage, kind: PairKind, focus: Focus, params: WebrParams) -> PairDraft:
    seed = int(content_id("knobs", params.seed, page.id)[:8], 16)
    rng = random.Random(seed)
    text = page.text if params.mode == "paper" else shortened(page.text, params.max_page_words)
    return PairDraft(
        page=page,
        section=section(text, rng, params),
        cut=text != page.text,
        words=rng.choice(params.word_budgets),
        request_first=rng.random() < 0.5,
        noun=rng.choice(_NOUNS[kind]),  # the last draw: the kind, and so the other pages, must not move the others
        kind=kind,
        focus=focus,
        seed=seed,
    )


def shortened(text: str, most_words: int) -> str:
    """Cut the end off a page that is too long.

    Args:
        text: Main text of the page.
        most_words: Longest text, in words.

    Returns:
        A prefix of the text: as many whole paragraphs as fit, or, where these are less than half of what fits, as many
        words.
    """
    fitting = first_words(text, most_words)
    line_end = text.find("\n", len(fitting)) if "\n" in text[len(fitting) :] else len(text)
    if not words(text[len(fitting) : line_end]):
        return text[:line_end]
    whole = text[: max(0, fitting.rfind("\n"))]
    return whole if len(words(whole)) >= most_words / 2 else fitting


def section(text: str, rng: random.Random, params: WebrParams) -> str:
    """Cut a page down to its first paragraphs, or leave it whole.

    Args:
        text: Main text of the page.
        rng: Source of the two draws, whether to cut and where.
        params: Share of cut pages, least length, mode.

    Returns:
        A prefix of the text that ends with a paragraph. The paper's paragraphs end at blank lines and lose the
        hashes of headings; robust ones end at line breaks, and enough of them are kept to have something to ask about.

    Source: `section` in the authors' utils.py.
    """
    if params.mode == "paper":
        paragraphs = text.split("\n\n")
        if len(paragraphs) > 1:
            paragraphs = [paragraph.lstrip("#") for paragraph in paragraphs]
        return "\n\n".join(paragraphs[: _length(len(paragraphs), 1, rng, params)])
    paragraphs = text.split("\n")
    words = 0
    for shortest, paragraph in enumerate(paragraphs, 1):  # noqa: B007 - the loop's end is the result
        words += len(paragraph.split())
        if words >= params.min_section_words:
            break
    return "\n".join(paragraphs[: _length(len(paragraphs), shortest, rng, params)])


def _length(count: int, shortest: int, rng: random.Random, params: WebrParams) -> int:
    return rng.randint(shortest, count) if rng.random() < params.section_share else count
