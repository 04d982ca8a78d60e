"""Raw pages in and out."""

import pytest
from kedro.io import DatasetError

from quintain.datasets import WarcDataset
from quintain.records import Dropped, RawPage
from quintain.web.profiles import MAX_BYTES

PAGES = [
    RawPage(url="https://a.example/1", html=b"<html><body><p>One.</p></body></html>", charset="utf-8"),
    RawPage(url="https://a.example/2", html="<p>zwölf</p>".encode("latin-1"), charset="iso-8859-1"),
]


def contents(pages):
    return [(page.url, page.html, page.charset) for page in pages]


@pytest.mark.parametrize("name", ["pages.warc", "pages.warc.gz"])
def test_what_is_saved_is_what_is_loaded(tmp_path, name):
    dataset = WarcDataset(filepath=str(tmp_path / "raw" / name))
    dataset.save(PAGES)
    assert contents(dataset.load()) == contents(PAGES)


def test_pages_that_are_too_large_come_as_drops(tmp_path):
    dataset = WarcDataset(filepath=str(tmp_path / "pages.warc.gz"), max_bytes=20)
    dataset.save(PAGES)
    first, second = dataset.load()
    assert isinstance(first, Dropped)
    assert first.reason == "too-large"
    assert second.url == "https://a.example/2"


def test_the_limit_is_the_extractors_unless_the_catalog_says_otherwise(tmp_path):
    assert WarcDataset(filepath="pages.warc")._describe()["max_bytes"] == MAX_BYTES


def test_a_folder_of_html_files_is_a_source_too(tmp_path):
    (tmp_path / "one.html").write_bytes(PAGES[0].html)
    assert [page.html for page in WarcDataset(filepath=str(tmp_path)).load()] == [PAGES[0].html]


def test_a_missing_source_says_what_to_do(tmp_path):
    dataset = WarcDataset(filepath=str(tmp_path / "pages.warc.gz"))
    assert not dataset.exists()
    with pytest.raises(DatasetError, match=r"pages\.warc\.gz does not exist; run `kedro run --pipelines world`"):
        dataset.load()


def test_a_full_disk_leaves_the_former_archive(tmp_path, full_disk):
    dataset = WarcDataset(filepath=str(tmp_path / "pages.warc"))
    dataset.save(PAGES)
    many = [RawPage(url=f"https://{i}.example", html=b"x" * 500) for i in range(50)]
    with full_disk(10_000), pytest.raises(DatasetError, match=r"pages\.warc.*File too large"):
        dataset.save(many)
    assert contents(dataset.load()) == contents(PAGES)
    assert [path.name for path in tmp_path.iterdir()] == ["pages.warc"]
