"""Score of main-text extraction, as in the article extraction benchmark.

Source: scrapinghub/article-extraction-benchmark, evaluate.py: shingles of 4 words with their counts; precision and
recall averaged over pages; F1 from the two averages.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

_WORD = re.compile(r"\w+")
_SHINGLE_WORDS = 4


@dataclass(frozen=True)
class ExtractionScore:
    """Agreement of extracted texts with texts marked by people."""

    precision: float
    """Share of the extracted shingles that belong to the main text, mean over pages."""
    recall: float
    """Share of the main text's shingles that were extracted, mean over pages."""

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score_extraction(expected: Mapping[str, str], extracted: Mapping[str, str]) -> ExtractionScore:
    """Compare extracted texts with marked ones.

    Args:
        expected: Marked main text by page.
        extracted: Extracted text by page; the same pages.

    Returns:
        The score over all pages.

    Raises:
        ValueError: The pages differ, or there is none.
    """
    if not expected or expected.keys() != extracted.keys():
        differing = sorted(expected.keys() ^ extracted.keys())[:3]
        raise ValueError(f"expected and extracted must hold the same pages, at least one; they differ in {differing}")
    precisions, recalls = zip(*(_page_score(expected[page], extracted[page]) for page in expected), strict=True)
    return ExtractionScore(fmean(precisions), fmean(recalls))


def _page_score(expected: str, extracted: str) -> tuple[float, float]:
    wanted, got = _shingles(expected), _shingles(extracted)
    if wanted == got:
        return 1.0, 1.0
    common = (wanted & got).total()
    return common / got.total() if got else 0.0, common / wanted.total() if wanted else 0.0


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = _WORD.findall(text)
    starts = range(max(1, len(tokens) - _SHINGLE_WORDS + 1)) if tokens else ()
    return Counter(tuple(tokens[start : start + _SHINGLE_WORDS]) for start in starts)
