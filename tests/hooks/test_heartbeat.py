"""A node that tells nothing is seen to be at work, and one that tells keeps its own lines."""

import logging
import re
import threading
from types import SimpleNamespace

import pytest
from kedro.io import DataCatalog

from quintain import progress
from quintain.hooks.heartbeat import Heartbeat
from quintain.hooks.stage_times import StageTimesHook
from quintain.progress import Progress
from tests.test_progress import wait_for

NODE = SimpleNamespace(name="base.generate_responses", namespace="base", func=len)


@pytest.fixture(autouse=True)
def quick(monkeypatch, caplog):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.01)
    caplog.set_level(logging.INFO, "quintain")


def beats():
    return [thread for thread in threading.enumerate() if thread.name == "heartbeat"]


def test_a_silent_node_is_said_to_be_at_work_until_it_ends(caplog):
    hook = StageTimesHook()
    hook.before_pipeline_run({}, SimpleNamespace(nodes=[NODE] * 3), DataCatalog())
    hook.before_node_run(node=NODE)
    # Not the last line any more where a beat came between.
    assert "[1/3] base.generate_responses started" in caplog.messages
    assert wait_for(lambda: re.fullmatch(r"base\.generate_responses: \d+ s so far", caplog.messages[-1]))
    hook.after_node_run(node=NODE)
    assert re.fullmatch(r"\[1/3\] quality: base\.generate_responses \d+\.\d s", caplog.messages[-1])
    assert beats() == []


def test_a_node_that_fails_falls_silent():
    hook = StageTimesHook()
    hook.before_node_run(node=NODE)
    assert beats()
    hook.on_node_error(node=NODE)
    assert beats() == []


def test_while_a_progress_tells_nothing_else_is_said(caplog):
    heartbeat = Heartbeat("node")
    try:
        with Progress("rows", 4):
            assert wait_for(lambda: sum(said == "rows: 0 of 4" for said in caplog.messages) > 3)
            told = caplog.messages[caplog.messages.index("rows: 0 of 4") :]
            assert sum(said != "rows: 0 of 4" for said in told) <= 1  # one may have been on its way
        assert wait_for(lambda: re.fullmatch(r"node: \d+ s so far", caplog.messages[-1]))
    finally:
        heartbeat.end()


def test_the_lines_of_a_worker_name_the_node_once(caplog):
    hook = StageTimesHook()
    hook.after_worker_started()
    hook.before_node_run(node=NODE)
    # The worker's log puts the name before it.
    assert wait_for(lambda: any(re.fullmatch(r"\d+ s so far", said) for said in caplog.messages))
    hook.after_node_run(node=NODE)


def test_items_are_told_as_they_are_done(caplog):
    seen = []
    for item in progress.told("abc", "letters, letters"):
        seen.append(item)
        assert wait_for(
            lambda: caplog.messages and caplog.messages[-1].startswith(f"letters, letters: {len(seen) - 1} of 3")
        )
    assert seen == ["a", "b", "c"]
