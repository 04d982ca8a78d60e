"""Sources of pages, and runs over them in processes that tests may kill."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from quintain.records import RawPage
from quintain.web import write_warc
from tests.web import archives

JOB = Path(__file__).with_name("ingestion_job.py")
WORDS = "bay ship isle dawn shop arch cold plot mate lake post door".split()


def html(*numbers):
    """A page that reads the same for equal numbers, and shares nothing but words with pages of other numbers."""
    lines = [" ".join(f"{word}{number}" for word in WORDS) for number in numbers]
    return ("<html><body><nav><a href='/'>Home</a></nav>" + "".join(f"<p>{x}.</p>" for x in lines)).encode()


def pages(count, host="a.example"):
    """Pages of which every tenth has the text of the first and every fifteenth nearly that of the second."""

    def page(i):
        if i and i % 10 == 0:
            return html(*range(20))
        if i % 15 == 2 and i > 2:
            return html(*range(100, 119), i)
        return html(*range(100 * i, 100 * i + 20))

    return [RawPage(url=f"https://{host}/{i}", html=page(i)) for i in range(count)]


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """Twelve archives with 20 pages each; the texts of all are those of the first."""
    folder = tmp_path_factory.mktemp("source")
    for i in range(12):
        write_warc(pages(20, f"{i:02}.example"), folder / f"part-{i:02}.warc.gz")
    return folder


class Ingestion:
    """Runs over one source."""

    def __init__(self, source):
        self._source = source

    def start(self, folder, source=None, **settings):
        command = [
            sys.executable,
            str(JOB),
            str(source or self._source),
            str(folder),
            json.dumps({"shard_mib": 0.01, **settings}),
        ]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, folder, source=None, **settings):
        """What the job printed, or the error that it ended with."""
        job = self.start(folder, source, **settings)
        try:
            out, err = job.communicate(timeout=500)
        finally:
            job.kill()
        # Ray writes of workers that died above our line.
        return json.loads(out.splitlines()[-1]) if job.returncode == 0 else err


@pytest.fixture(scope="session")
def ingestion(source):
    return Ingestion(source)


@pytest.fixture(scope="session")
def calm(ingestion, tmp_path_factory):
    """Records of one worker of this machine, without trouble."""
    return ingestion.run(tmp_path_factory.mktemp("calm"), workers=1)


@pytest.fixture(scope="session")
def calm_in_two_passes(ingestion, tmp_path_factory):
    """The same in two passes."""
    return ingestion.run(tmp_path_factory.mktemp("calm"), workers=1, profile="two_pass")


@pytest.fixture
def archive(tmp_path):
    """Five pages at https://a.example/0..4, and the offsets of their gzip members."""
    path = tmp_path / "pages.warc.gz"
    write_warc([RawPage(url=f"https://a.example/{i}", html=archives.html(i)) for i in range(5)], path)
    with path.open("rb") as file:
        records = ArchiveIterator(file)
        offsets = [records.get_record_offset() for _ in records]
    return path, offsets
