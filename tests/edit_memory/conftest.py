"""Memories that several tests begin with."""

import pytest

from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from tests.edit_memory.towns import TOWNS


@pytest.fixture
def folder(tmp_path):
    """A memory of six towns, one of them revoked."""
    with EditMemory.open(tmp_path / "memory", HashedNgrams(64)) as memory:
        for number, town in enumerate(TOWNS):
            memory.add([town], ids=[f"t{number}"], at=1000.0 + number)
        memory.revoke(["t5"])
    return tmp_path / "memory"


@pytest.fixture
def memory(tmp_path):
    """A memory without an edit."""
    with EditMemory.open(tmp_path / "memory", HashedNgrams()) as opened:
        yield opened
