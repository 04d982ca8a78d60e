"""The settings of WebR, with the paper's values."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from quintain.fields import Count, Natural, Seed, Share, check

Mode = Literal["paper", "robust"]
LessGrounded = Literal["drop", "flag"]


@dataclass(frozen=True, kw_only=True)
class WebrParams:
    """Settings of the WebR method.

    `paper` follows the released code where its habits shape the data: kinds by the position of the page, the persona
    of the whole page, sections cut at blank lines, pages of any length, two English openings as the only refusals,
    requests compared as sets of words, responses written to the page first whatever the row shows first; truncated
    answers, requests that point at an unseen text and refinements that lose the page are kept, and so are texts that
    echo our prompts, are in another language or script, or go round in a circle. `robust` repairs these; both trace
    every pair to its page.

    Raises:
        ValueError: A value is out of range.

    Source: arXiv:2504.15573; repository YJiangcm/WebR, utils.py, create_data_gpt_4o_mini.py and post_process.py.
    """

    mode: Mode = "robust"
    """`paper` or `robust`."""
    seed: Seed = 0
    """Seed of all choices; each page draws its own from this and its id."""
    as_instruction: Natural = 2
    """Parts of the mixture where the page is the material of the instruction."""
    as_response: Natural = 1
    """Parts of the mixture where the page is the evidence behind the response."""
    part_share: Share = 0.5
    """Share of the requests about one part of the page instead of all of it."""
    section_share: Share = 0.5
    """Share of the pages of which only the first paragraphs are used."""
    max_page_words: Count = 3000
    """Longest page, robust only: the rest is cut off at the end of a paragraph, or of a word in a longer paragraph.
    3,000 English words are about 4,000 tokens, so that page, request and response fit into 8,000."""
    min_section_words: Count = 30
    """Shortest section; robust only. A heading alone gives nothing to ask about."""
    word_budgets: Annotated[tuple[Count, ...], Meta(min_length=1)] = (50, 100, 150, 200)
    """Lengths that a request may have, in words; one is drawn for each."""
    duplicate_similarity: Annotated[float, Meta(gt=0, le=1)] = 0.7
    """Jaccard similarity from which two requests of a kind are the same, in (0, 1]."""
    less_grounded: LessGrounded = "flag"
    """What becomes of a row whose refinement leans less on the page than its roll-out did: `drop`, or `flag` in the
    origin's knobs; robust only."""
    language: str = "page"
    """Language of requests and responses, robust only: an ISO 639-1 code, or `page` for that of each page. Rows in
    another one are dropped; nothing is known of a page whose language was not found."""
    max_rows: Natural = 0
    """Most pairs to keep, in the mixture; no more drafts are asked about than it takes. 0 keeps all that the mixture
    has room for; robust only."""
    wave_rows: Natural = 2000
    """Most drafts that are in memory and asked about together; 0 asks about all at once, which is right for an endpoint
    that answers in batches. Changes no pair."""

    def __post_init__(self) -> None:
        check(self)
        if self.language != "page" and not re.fullmatch("[a-z]{2}", self.language):
            raise ValueError(
                f"language must be `page` or two letters of ISO 639-1, such as en or zh, got {self.language!r}"
            )
        object.__setattr__(self, "word_budgets", tuple(self.word_budgets))
        if self.as_instruction + self.as_response < 1:
            raise ValueError("as_instruction and as_response are parts of a mixture: one of them must be positive")
        if self.min_section_words > self.max_page_words:
            raise ValueError(
                f"min_section_words <= max_page_words must hold, got {self.min_section_words} and {self.max_page_words}"
            )

    @property
    def instruction_share(self) -> float:
        """Share of the pairs where the page is the instruction."""
        return self.as_instruction / (self.as_instruction + self.as_response)

    @property
    def shingle_words(self) -> int:
        """Words per shingle when requests are compared; 1, the paper's, does not see their order."""
        return 1 if self.mode == "paper" else 3
