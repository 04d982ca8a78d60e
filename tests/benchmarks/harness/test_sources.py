"""A source is a folder or a dataset at a revision; there is none by default."""

import pytest

from quintain.benchmarks.harness.sources import Source, read_source
from quintain.errors import ConfigError


def test_a_folder_and_a_dataset_at_a_revision_are_sources(tmp_path):
    assert read_source("piqa", str(tmp_path)) == Source(folder=tmp_path)
    assert read_source("piqa", "baber/piqa@142f6d7") == Source(name="baber/piqa", revision="142f6d7")


def test_nothing_is_downloaded_that_nobody_named():
    with pytest.raises(ConfigError, match=r"no source for the task piqa.*sources: \{piqa: …\}.*\(baber/piqa\)"):
        read_source("piqa", None, "baber/piqa")


@pytest.mark.parametrize("given", ["baber/piqa", "baber/piqa@", "piqa@1", "no/such/folder"])
def test_a_dataset_without_a_revision_is_refused(given):
    with pytest.raises(ConfigError, match=r"sources\.piqa: .* is no folder; .*NAMESPACE/NAME@REVISION"):
        read_source("piqa", given)
