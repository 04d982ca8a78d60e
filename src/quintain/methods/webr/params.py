"""The settings of WebR, with the paper's values."""

from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["paper", "robust"]
LessGrounded = Literal["drop", "flag"]


@dataclass(frozen=True, kw_only=True)
class WebrParams:
    """Settings of the WebR method.

    `paper` follows the released code where its habits shape the data: kinds by the position of the page, the persona
    of the whole page, sections cut at blank lines, pages of any length, two English openings as the only refusals,
    requests compared as sets of words, responses written to the page first whatever the row shows first; truncated
    answers, requests that point at an unseen text and refinements that lose the page are kept. `robust` repairs these;
    both trace every pair to its page.

    Raises:
        ValueError: A value is out of range.

    Source: arXiv:2504.15573; repository YJiangcm/WebR, utils.py, create_data_gpt_4o_mini.py and post_process.py.
    """

    mode: Mode = "robust"
    """`paper` or `robust`."""
    seed: int = 0
    """Seed of all choices; each page draws its own from this and its id."""
    as_instruction: int = 2
    """Parts of the mixture where the page is the material of the instruction."""
    as_response: int = 1
    """Parts of the mixture where the page is the evidence behind the response."""
    part_share: float = 0.5
    """Share of the requests about one part of the page instead of all of it."""
    section_share: float = 0.5
    """Share of the pages of which only the first paragraphs are used."""
    max_page_words: int = 3000
    """Longest page, robust only: the rest is cut off at the end of a paragraph, or of a word in a longer paragraph.
    3,000 English words are about 4,000 tokens, so that page, request and response fit into 8,000."""
    min_section_words: int = 30
    """Shortest section; robust only. A heading alone gives nothing to ask about."""
    word_budgets: tuple[int, ...] = (50, 100, 150, 200)
    """Lengths that a request may have, in words; one is drawn for each."""
    duplicate_similarity: float = 0.7
    """Jaccard similarity from which two requests of a kind are the same, in (0, 1]."""
    less_grounded: LessGrounded = "flag"
    """What becomes of a row whose refinement leans less on the page than its roll-out did: `drop`, or `flag` in the
    origin's knobs; robust only."""
    max_rows: int = 0
    """Most pairs to keep, in the mixture; 0 keeps all that the mixture has room for; robust only."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "word_budgets", tuple(self.word_budgets))
        if self.mode not in get_args(Mode):
            raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}, got {self.mode!r}")
        if min(self.as_instruction, self.as_response) < 0 or self.as_instruction + self.as_response < 1:
            raise ValueError(
                f"as_instruction and as_response are parts of a mixture, at least one of them positive; "
                f"got {self.as_instruction} and {self.as_response}"
            )
        for name in ("part_share", "section_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if not 1 <= self.min_section_words <= self.max_page_words:
            raise ValueError(
                f"1 <= min_section_words <= max_page_words must hold, got {self.min_section_words} and "
                f"{self.max_page_words}"
            )
        if not self.word_budgets or min(self.word_budgets) < 1:
            raise ValueError(f"word_budgets must hold positive numbers of words, got {self.word_budgets}")
        if not 0 < self.duplicate_similarity <= 1:
            raise ValueError(f"duplicate_similarity must be in (0, 1], got {self.duplicate_similarity}")
        if self.less_grounded not in get_args(LessGrounded):
            known = ", ".join(get_args(LessGrounded))
            raise ValueError(f"less_grounded must be one of {known}, got {self.less_grounded!r}")
        if self.max_rows < 0:
            raise ValueError(f"max_rows must be at least 0, got {self.max_rows}")

    @property
    def instruction_share(self) -> float:
        """Share of the pairs where the page is the instruction."""
        return self.as_instruction / (self.as_instruction + self.as_response)

    @property
    def shingle_words(self) -> int:
        """Words per shingle when requests are compared; 1, the paper's, does not see their order."""
        return 1 if self.mode == "paper" else 3
