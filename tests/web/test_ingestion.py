"""From a source to its pages."""

import json

import pytest

from quintain.records import Dropped, RawPage, WebPage
from quintain.web import IngestionParams, PageLimits, extract_pages, ingest, read_pages, write_warc
from quintain.web.ingestion import ingest_batch, recipe

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
    assert recipe(strict) != recipe(LIMITS)
    assert recipe(PageLimits(min_words=5, min_stop_words=0)) == recipe(LIMITS)


def test_a_batch_keeps_the_order_and_signs_the_pages_alone():
    lost = Dropped(stage="read", reason="truncated", where="x")
    text = b"<p>The ferry to the island leaves the old harbour at noon and comes back at night.</p>"
    batch = ingest_batch(iter([lost, RawPage(url="a", html=text), RawPage(url="b", html=b"<p>x</p>")]), LIMITS)
    assert [getattr(one, "reason", "page") for one in batch.records] == ["truncated", "page", "few-words"]
    assert batch.signatures.shape == (1, 128)
    assert ingest_batch(iter([]), LIMITS).records == []


def test_an_empty_source_gives_nothing(tmp_path, params):
    (tmp_path / "empty").mkdir()
    assert list(ingest(read_pages(tmp_path / "empty"), LIMITS, params())) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"engine": "spark"}, "engine must be local or ray, got 'spark'"),
        ({"workers": -1}, "workers must be 0 or more, got -1"),
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
