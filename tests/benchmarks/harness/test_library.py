"""Without the library one error says what to install."""

import pytest

from quintain.benchmarks.harness import library as home
from quintain.errors import ConfigError


def test_a_missing_library_is_one_error(monkeypatch):
    monkeypatch.setattr(home, "installed", lambda: False)
    with pytest.raises(ConfigError, match=r"pip install 'quintain\[benchmarks\]'"):
        home.library("api.task")
    assert home.version() == "none"
