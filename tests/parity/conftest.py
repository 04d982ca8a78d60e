"""The released FollowBench files, read where they lie beside the repository; never copied into it."""

from pathlib import Path

import pytest

_FOLLOWBENCH = Path(__file__).parents[3] / "shared/data/followbench"


@pytest.fixture(scope="session")
def followbench() -> Path:
    """Folder with `en` and `zh`."""
    if not _FOLLOWBENCH.is_dir():
        pytest.skip(f"the released FollowBench files are not at {_FOLLOWBENCH}")
    return _FOLLOWBENCH
