"""From a source to its pages."""

import dataclasses
import json
import sys

import pytest

from quintain.errors import ConfigError, RecordError
from quintain.records import Dropped, RawPage, WebPage
from quintain.web import IngestionParams, PageLimits, extract_pages, ingest, read_pages, write_warc
from quintain.web.extraction import reread
from quintain.web.ingestion import ingest_batch, recipe
from quintain.web.shards import cut

LIMITS = PageLimits(min_words=5, min_stop_words=0)


@pytest.fixture
def params(tmp_path):
    def make(**changes):
        return IngestionParams(**({"folder": str(tmp_path / "shards"), "workers": 1} | changes))

    return make


def test_one_shard_gives_what_extraction_in_memory_gives(source, params):
    pages, dropped = extract_pages(read_pages(source), LIMITS)
    found = list(ingest(read_pages(source), LIMITS, params(duplicate_similarity=1.0)))
    assert [one for one in found if isinstance(one, WebPage)] == pages
    assert [one for one in found if isinstance(one, Dropped)] == dropped
    assert len(found) == 240


def test_the_size_of_shards_changes_no_page(source, params):
    def kept(shard_mib):
        found = ingest(read_pages(source), LIMITS, params(shard_mib=shard_mib))
        return [one for one in found if isinstance(one, WebPage)]

    assert [page.id for page in kept(64)] == [page.id for page in kept(0.005)]


def test_a_near_duplicate_names_the_page_that_stays(source, params):
    found = list(ingest(read_pages(source), LIMITS, params()))
    near = [one for one in found if isinstance(one, Dropped) and one.reason == "near-duplicate"]
    assert near[0].stage == "duplicates"
    assert near[0].where.startswith("https://00.example/17 ")
    assert near[0].text.startswith("nearly the same text as https://00.example/1: bay100 ship100")
    # Of the copies in the later archives the text is equal to that of the dropped page.
    assert len(near) == 1


def test_a_second_run_reads_no_page_again(source, params, monkeypatch):
    first = list(ingest(read_pages(source), LIMITS, params()))
    monkeypatch.setattr("quintain.web.ingestion.extract", lambda *_: pytest.fail("a page was extracted again"))
    assert list(ingest(read_pages(source), LIMITS, params())) == first


def test_other_limits_never_meet_the_outputs_of_the_former(source, params):
    list(ingest(read_pages(source), LIMITS, params()))
    strict = PageLimits(min_words=10_000)
    assert all(isinstance(one, Dropped) for one in ingest(read_pages(source), strict, params()))
    assert recipe(strict, "quality") != recipe(LIMITS, "quality")
    assert recipe(PageLimits(min_words=5, min_stop_words=0), "quality") == recipe(LIMITS, "quality")


def test_outputs_of_one_profile_never_stand_in_for_those_of_another():
    assert len({recipe(LIMITS, profile) for profile in ("quality", "bulk", "two_pass")}) == 3


def test_a_batch_keeps_the_order_and_signs_the_pages_alone():
    lost = Dropped(stage="read", reason="truncated", where="x")
    text = b"<p>The ferry to the island leaves the old harbour at noon and comes back at night.</p>"
    batch = ingest_batch(iter([lost, RawPage(url="a", html=text), RawPage(url="b", html=b"<p>x</p>")]), LIMITS)
    assert [getattr(one, "reason", "page") for one in batch.records] == ["truncated", "page", "few-words"]
    assert batch.signatures.shape == (1, 128)
    assert ingest_batch(iter([]), LIMITS).records == []


@pytest.mark.parametrize("profile", ["quality", "two_pass"])
def test_an_empty_source_gives_nothing(tmp_path, params, profile):
    (tmp_path / "empty").mkdir()
    assert list(ingest(read_pages(tmp_path / "empty"), LIMITS, params(profile=profile))) == []


@pytest.mark.parametrize("profile", ["bulk", "two_pass"])
def test_the_other_profiles_give_what_extraction_in_memory_gives(source, params, profile):
    pages, dropped = extract_pages(read_pages(source), LIMITS, profile)
    found = list(ingest(read_pages(source), LIMITS, params(profile=profile, duplicate_similarity=1.0)))
    assert [one for one in found if isinstance(one, WebPage)] == pages
    assert sorted(one.where for one in found if isinstance(one, Dropped)) == sorted(one.where for one in dropped)
    assert len(found) == 240


def test_the_second_of_two_passes_reads_only_the_pages_that_the_first_one_left(source, params, monkeypatch):
    first = list(ingest(read_pages(source), LIMITS, params(profile="bulk")))
    left = [one.url for one in first if isinstance(one, WebPage)]
    monkeypatch.setattr("quintain.web.ingestion.extract", lambda *_: pytest.fail("a page was judged again"))
    read = []

    def spied(raw, page, profile, limits):
        read.append((raw.url, profile))
        return reread(raw, page, profile, limits)

    monkeypatch.setattr("quintain.web.second_pass.reread", spied)
    found = list(ingest(read_pages(source), LIMITS, params(profile="two_pass")))
    assert read == [(url, "quality") for url in left]
    assert [one.url for one in found if isinstance(one, WebPage)] == left
    assert len(found) == len(first) == 240
    assert list(ingest(read_pages(source), LIMITS, params(profile="two_pass"))) == found
    assert len(read) == len(left)  # nothing was read a third time


def test_a_page_in_which_the_second_pass_finds_nothing_is_a_drop_with_its_reason(source, params, monkeypatch):
    lost = Dropped(stage="main-text", reason="no-text", where="https://00.example/3")
    monkeypatch.setattr(
        "quintain.web.second_pass.reread",
        lambda raw, *about: lost if raw.url == lost.where else reread(raw, *about),
    )
    found = list(ingest(read_pages(source), LIMITS, params(profile="two_pass")))
    assert found[3] == lost
    assert len(found) == 240


def test_a_source_that_changed_between_the_passes_is_an_error(source, params, monkeypatch):
    list(ingest(read_pages(source), LIMITS, params(profile="bulk")))
    shards = cut(read_pages(source), 1 << 26)
    other = dataclasses.replace(shards[0], files=shards[0].files[1:], names=shards[0].names[1:])
    monkeypatch.setattr("quintain.web.ingestion.cut", lambda *_: [other])
    with pytest.raises(RecordError, match=r"part-01.warc.gz to part-11.warc.gz changed while it was ingested"):
        list(ingest(read_pages(source), LIMITS, params(profile="two_pass")))


@pytest.mark.parametrize("profile", ["bulk", "two_pass"])
def test_a_missing_library_is_one_error_before_any_shard_is_opened(source, params, monkeypatch, profile):
    monkeypatch.setitem(sys.modules, "resiliparse.extract.html2text", None)
    monkeypatch.delitem(sys.modules, "quintain.web.bulk", raising=False)
    monkeypatch.setattr("quintain.web.ingestion.cut", lambda *_: pytest.fail("the source was cut"))
    with pytest.raises(ConfigError, match=r"need resiliparse: pip install 'quintain\[bulk\]'"):
        ingest(read_pages(source), LIMITS, params(profile=profile))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"profile": "fast"}, "profile must be one of quality, bulk, two_pass, got 'fast'"),
        ({"engine": "spark"}, "engine must be one of local, ray, got 'spark'"),
        ({"workers": -1}, "workers must be at least 0, got -1"),
        ({"shard_mib": 0}, "shard_mib must be positive, got 0"),
        ({"duplicate_similarity": 0}, r"duplicate_similarity must be in \(0, 1\], got 0"),
        ({"stall_seconds": 0}, "stall_seconds must be positive, got 0"),
        ({"address": "ray://x"}, "an address needs engine: ray"),
    ],
)
def test_a_setting_out_of_range_is_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        IngestionParams(**wrong)


def test_memory_does_not_grow_with_the_corpus(tmp_path, ingestion):
    text = "".join(f"<p>{' '.join(f'word{i}' for i in range(n, n + 400))}.</p>" for n in range(5))
    rows = [RawPage(url=f"https://a.example/{i}", html=f"<p>Page {i}.</p>{text * 4}".encode()) for i in range(60)]
    for i in range(20):
        name = f"copy-{i:02}.warc.gz"
        copied = [RawPage(url=f"{page.url}/{i}", html=page.html) for page in rows]
        write_warc(copied, tmp_path / "many" / name)
        if i == 0:
            write_warc(copied, tmp_path / "one" / name)
    one, many = (
        ingestion.run(tmp_path / f"{which}-out", tmp_path / which, ids=False, workers=2) for which in ("one", "many")
    )
    print(json.dumps({"one copy": one["peak_mib"], "20 copies": many["peak_mib"]}))  # noqa: T201 - for pytest -rP
    assert many["peak_mib"] <= 1.3 * one["peak_mib"]
