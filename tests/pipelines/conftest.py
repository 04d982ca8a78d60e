import pytest

from quintain.almanac.world import World


@pytest.fixture(scope="session")
def world(small_world) -> World:
    """Pipelines are tested in the small world."""
    return small_world
