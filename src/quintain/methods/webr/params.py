"""The settings of WebR, with the paper's values."""

from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["paper", "robust"]


@dataclass(frozen=True, kw_only=True)
class WebrParams:
    """How pages become pairs.

    `paper` follows the released code where its habits shape the data: kinds by the position of the page, the persona
    of the whole page, sections cut at blank lines, two English openings as the only refusals, requests compared as
    sets of words, no truncated answer dropped. `robust` repairs these; both trace every pair to its page.

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
    min_section_words: int = 30
    """Shortest section; robust only. A heading alone gives nothing to ask about."""
    word_budgets: tuple[int, ...] = (50, 100, 150, 200)
    """Lengths that a request may have, in words; one is drawn for each."""
    duplicate_similarity: float = 0.7
    """Jaccard similarity from which two requests of a kind are the same, in (0, 1]."""

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
        if self.min_section_words < 1:
            raise ValueError(f"min_section_words must be at least 1, got {self.min_section_words}")
        if not self.word_budgets or min(self.word_budgets) < 1:
            raise ValueError(f"word_budgets must hold positive numbers of words, got {self.word_budgets}")
        if not 0 < self.duplicate_similarity <= 1:
            raise ValueError(f"duplicate_similarity must be in (0, 1], got {self.duplicate_similarity}")

    @property
    def instruction_share(self) -> float:
        """Share of the pairs where the page is the instruction."""
        return self.as_instruction / (self.as_instruction + self.as_response)

    @property
    def shingle_words(self) -> int:
        """Words per shingle when requests are compared; 1, the paper's, does not see their order."""
        return 1 if self.mode == "paper" else 3
