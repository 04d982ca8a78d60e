"""Large pages are read in a process that can be ended, whoever asks and however many workers there are."""

import os
import signal

import pytest

from quintain import limits
from quintain.web import IngestionParams, PageLimits, ingest, main_text, page_process, read_pages
from quintain.web.profiles import UnreadableHtmlError, _read_here, read_page

# Some parsers take time with the square of its open paragraphs: many times the limit, on the fastest processor too.
SLOW = "<p>a" * 200_000
SENTENCES = " ".join(f"Ship {number} lay in the harbour and was laden with salt of the year." for number in range(6000))
LARGE = f"<html lang='en'><head><title>Ships</title></head><body><article><p>{SENTENCES}</p></article></body></html>"


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.setattr(limits, "PAGE_SECONDS", 2)


@pytest.mark.parametrize("profile", ["quality", "bulk"])
@pytest.mark.parametrize("html", [LARGE, LARGE.encode()])
def test_a_large_page_is_read_as_it_would_be_here(html, profile):
    assert page_process.is_wanted(html)
    assert read_page(html, "utf-8", profile) == _read_here(html, "utf-8", profile)
    assert main_text(html, profile) == _read_here(html, "", profile).text


def test_a_page_that_takes_too_long_is_a_drop_and_the_next_is_read_with_one_worker_too(tmp_path, brief):
    source = tmp_path / "pages"
    source.mkdir()
    (source / "a.html").write_text(SLOW)
    (source / "b.html").write_text(LARGE)
    limits_of_pages = PageLimits(max_words=10**6, max_top_ngrams=(), max_repeated_ngrams=())
    params = IngestionParams(workers=1, folder=str(tmp_path / "shards"))
    slow, page = ingest(read_pages(source), limits_of_pages, params)
    assert (slow.stage, slow.reason) == ("main-text", "too-slow")
    assert "a page took more than 2 seconds (PAGE_SECONDS)" in slow.text
    assert page.title == "Ships"


def test_main_text_gives_up_too_and_says_so(brief, caplog):
    assert main_text(SLOW) == ""
    assert "took more than 2 seconds" in caplog.text


def test_a_process_that_broke_over_a_page_is_started_anew():
    page_process.ask("text", LARGE, "quality")
    os.kill(page_process._running[os.getpid()].pid, signal.SIGKILL)
    page_process._running[os.getpid()].wait()
    assert read_page(LARGE, "", "quality").about.title == "Ships"


def test_a_page_that_is_refused_says_why_as_it_would_here():
    html = "<p " + " ".join(f"attribute{n}=1" for n in range(20_000)) + ">"
    with pytest.raises(UnreadableHtmlError, match="more than 1,000 attributes") as refused:
        read_page(html, "", "quality")
    assert refused.value.reason == "overload"


def test_small_pages_stay_in_this_process():
    assert not page_process.is_wanted("<p>a</p>" * 1000)
