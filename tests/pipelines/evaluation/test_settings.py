"""A benchmark has its own sampling and judging, and nothing else."""

import pytest

from quintain.errors import ConfigError
from quintain.models.language_model import Sampling
from quintain.pipelines.evaluation.settings import own


def test_settings_of_a_benchmark_that_nobody_reads_are_refused():
    with pytest.raises(
        ConfigError, match=r"evaluation\.by_benchmark\.core has scoring; a benchmark has its own sampling"
    ):
        own(Sampling(), "sampling", "core", {"core": {"scoring": {}}})
    with pytest.raises(ConfigError, match=r"by_benchmark\.core\.sampling has tokens; there are .*max_new_tokens"):
        own(Sampling(), "sampling", "core", {"core": {"sampling": {"tokens": 3}}})
