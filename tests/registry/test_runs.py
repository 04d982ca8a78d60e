"""A student finds the run that trained it, whether that run is under way or long over."""

import pytest

from quintain.registry.runs import CURRENT_RUN, MAKES, made_tag, maker


@pytest.fixture
def experiment(store, monkeypatch):
    monkeypatch.delenv(CURRENT_RUN, raising=False)
    return store[0].create_experiment("quintain")


def test_the_run_under_way_made_what_it_says_it_makes(store, experiment, monkeypatch):
    client, _ = store
    run = client.create_run(experiment, tags={MAKES: "base webr"})
    monkeypatch.setenv(CURRENT_RUN, run.info.run_id)
    assert maker(client, experiment, "webr", "a" * 64).info.run_id == run.info.run_id
    assert maker(client, experiment, "web", "a" * 64) is None


def test_a_later_run_finds_the_latest_that_made_this_digest(store, experiment, monkeypatch):
    client, _ = store
    made = [
        client.create_run(experiment, start_time=start, tags={made_tag("webr"): digest * 64})
        for start, digest in ((1, "a"), (2, "a"), (3, "b"))
    ]
    current = client.create_run(experiment)
    monkeypatch.setenv(CURRENT_RUN, current.info.run_id)
    assert maker(client, experiment, "webr", "a" * 64).info.run_id == made[1].info.run_id
    assert maker(client, experiment, "base", "a" * 64) is None
