"""Records that are decoded when they are asked for."""

import pickle
from array import array

import pytest

from quintain.datasets import RecordsDataset
from quintain.datasets.record_file import RecordFile
from quintain.errors import ConfigError, RecordError
from quintain.records import WebPage

PAGES = [WebPage(url=f"https://a.example/{number}", text="ä" * number) for number in range(5)]


@pytest.fixture
def dataset(tmp_path):
    return RecordsDataset(filepath=str(tmp_path / "pages.jsonl"), record="WebPage", stream=True)


def test_it_is_a_list_that_takes_no_memory(dataset):
    dataset.save(iter(PAGES))
    found = dataset.load()
    assert isinstance(found, RecordFile)
    assert list(found) == list(found) == PAGES
    assert (len(found), found[3], found[-1], found[1:3]) == (5, PAGES[3], PAGES[4], PAGES[1:3])
    assert found == PAGES
    assert found != PAGES[:4]
    with pytest.raises(IndexError):
        found[5]


def test_it_passes_between_processes(dataset):
    dataset.save(PAGES)
    found = dataset.load()
    assert found[2] == PAGES[2]
    assert pickle.loads(pickle.dumps(found)) == PAGES  # noqa: S301 - our own


def test_a_line_that_is_wrong_is_named_when_the_file_is_opened(dataset, tmp_path):
    dataset.save(PAGES)
    file = tmp_path / "pages.jsonl"
    file.write_bytes(file.read_bytes() + b'{"url": 7}\n')
    with pytest.raises(Exception, match=r"pages\.jsonl, line 6: not a WebPage") as raised:
        dataset.load()
    assert isinstance(raised.value.__cause__ or raised.value, RecordError)


def test_a_byte_order_mark_is_no_part_of_the_first_record(dataset, tmp_path):
    dataset.save(PAGES)
    file = tmp_path / "pages.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    found = dataset.load()
    assert (found[0], list(found)) == (PAGES[0], PAGES)


def test_a_compressed_file_cannot_be_streamed(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read from its middle; leave out `stream`"):
        RecordsDataset(filepath=str(tmp_path / "a.jsonl.gz"), record="WebPage", stream=True)


def test_nothing_is_a_list_as_well(tmp_path):
    (tmp_path / "a.jsonl").touch()
    assert list(RecordFile(tmp_path / "a.jsonl", WebPage, array("q"))) == []
