"""101 real pages with main text marked by people: the whole way, scored, nobody lost."""

import gzip
import json
from pathlib import Path

import pytest

from quintain.records import RawPage
from quintain.web import PAGE_STAGES, PageLimits, extract_pages, funnel, main_text, read_pages
from quintain.web.scoring import score_extraction

DATA = Path(__file__).parents[3] / "shared" / "data" / "web"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real pages are not there: {DATA}")


@pytest.fixture(scope="module")
def raw_pages():
    return list(read_pages(DATA / "pages.warc.gz"))


def test_main_text_agrees_with_people_at_an_f1_of_95_percent(raw_pages):
    with gzip.open(DATA / "ground_truth.json.gz", "rt", encoding="utf-8") as file:
        expected = json.load(file)
    score = score_extraction(expected, {page.url: main_text(page.html) for page in raw_pages})
    print(f"\nprecision {score.precision:.4f}, recall {score.recall:.4f}, F1 {score.f1:.4f}")  # noqa: T201 - for pytest -rP
    assert score.f1 >= 0.95


def test_the_funnel_of_the_real_pages_loses_nobody(raw_pages):
    assert len(raw_pages) == 101
    assert all(isinstance(page, RawPage) for page in raw_pages)
    pages, dropped = extract_pages(raw_pages, PageLimits())
    counts = funnel(len(pages), dropped, PAGE_STAGES)
    print(f"\n{json.dumps(counts, indent=2)}")  # noqa: T201 - for pytest -rP
    assert counts["read"]["entered"] == 101
    assert counts["duplicates"]["passed"] == len(pages) >= 95
    assert {page.language for page in pages} >= {"en", "ja", "ru", "it"}
    assert all(page.title for page in pages)
