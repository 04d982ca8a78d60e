import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner

from quintain.available_memory import AvailableMemory
from quintain.errors import ConfigError, RecordError, RunError
from quintain.hooks.stage_times import StageTimesHook
from quintain.runner import BranchRunner, branches
from tests.runner import nodes

ROOT = Path(__file__).parents[2]


def run(runner, pipeline, folder, *hooks):
    manager = _create_hook_manager()
    for hook in hooks:
        manager.register(hook)
    catalog = DataCatalog({"folder": MemoryDataset(str(folder))})
    for hook in hooks:
        hook.before_pipeline_run({}, pipeline, catalog)
    result = runner.run(pipeline, catalog, hook_manager=manager)
    return {name: dataset.load() for name, dataset in result.items()}


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


PATIENCE_SECONDS = 200
"""Less than the sleepers would sleep, far more than a busy machine takes to end them."""


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(map(is_alive, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def sleepers(folder: Path) -> list[int]:
    nodes.await_sleeper(str(folder))
    return [int(pid) for pid in (folder / "sleeping").read_text().split()]


@pytest.mark.parametrize(
    ("left_gib", "cores", "processes", "said"),
    [
        # of 2.5 GiB each: 6 GiB have room for two, 4 for one, and one is the least; more cores than that stay idle
        (6, 2, 2, []),
        (20, 2, 2, []),
        (8, 4, 3, ["8.0 GiB of memory left (this machine), process_gib=2.5: 3 processes in place of 4"]),
        (4, 2, 1, ["4.0 GiB of memory left (this machine), process_gib=2.5: nodes run one after the other"]),
        (1, 2, 1, ["the system may end the run where one process has no room", "nodes run one after the other"]),
        (20, 1, 1, ["one core: nodes run one after the other"]),
    ],
)
def test_no_more_processes_than_memory_has_room_for(left_gib, cores, processes, said, monkeypatch, caplog):
    monkeypatch.setattr(branches, "available_memory", lambda: AvailableMemory(left_gib << 30, "this machine"))
    monkeypatch.setattr(branches, "usable_cores", lambda: cores)
    assert BranchRunner(process_gib=2.5)._processes == processes
    assert len(caplog.messages) == len(said)
    assert all(part in message for part, message in zip(said, caplog.messages, strict=True))


def test_who_asks_for_one_process_is_not_told_of_it(caplog):
    assert BranchRunner(processes=1)._processes == 1
    assert caplog.messages == []


@pytest.mark.parametrize("process_gib", [0, -1, "much", float("nan")])
def test_memory_of_a_process_must_be_a_positive_number(process_gib):
    with pytest.raises(ConfigError, match="process_gib=.*: give the GiB of one process, above 0"):
        BranchRunner(process_gib=process_gib)


MEETING = Pipeline(
    [
        node(nodes.meet_left, "folder", "left"),
        node(nodes.meet_right, "folder", "right"),
        node(nodes.pair, ["left", "right"], "both"),
    ]
)
BESIDE_A_SLEEPER = {
    name: Pipeline([node(nodes.sleep_with_a_child, "folder", None), node(getattr(nodes, name), "folder", None)])
    for name in ("refuse", "die")
}


def test_branches_run_at_once_and_what_they_keep_in_memory_reaches_the_others_and_the_caller(tmp_path):
    left, right, last = run(BranchRunner(2), MEETING, tmp_path)["both"]
    assert left != right
    assert last in (left, right)
    assert os.getpid() not in (left, right)


def test_one_process_runs_node_by_node_in_the_process_of_the_caller(tmp_path):
    pipeline = Pipeline([node(nodes.where, "folder", "here"), node(nodes.left_alone, "folder", "there")])
    assert run(BranchRunner(1), pipeline, tmp_path) == run(SequentialRunner(), pipeline, tmp_path)
    # a chain has nothing that could run beside something
    chain = Pipeline([node(nodes.where, "folder", "here")])
    assert run(BranchRunner(2), chain, tmp_path) == {"here": os.getpid()}


def test_an_error_ends_the_other_branch_and_is_the_one_raised(tmp_path):
    started = time.monotonic()
    with pytest.raises(RecordError, match="row 7 of pages.jsonl has no text") as raised:
        run(BranchRunner(2), BESIDE_A_SLEEPER["refuse"], tmp_path)
    assert time.monotonic() - started < PATIENCE_SECONDS
    assert "in refuse" in "".join(raised.value.__notes__)  # the worker's traceback
    assert gone(sleepers(tmp_path))


def test_an_error_that_cannot_travel_says_the_same_as_one_of_ours(tmp_path):
    pipeline = Pipeline([node(nodes.refuse_oddly, "folder", None), node(nodes.where, "folder", "here")])
    with pytest.raises(RunError, match=r"TwoPartError: a hole in .*"):
        run(BranchRunner(2), pipeline, tmp_path)


def test_a_killed_worker_is_one_error_that_names_the_node(tmp_path):
    with pytest.raises(RunError, match=r"ran node die.* was killed by SIGKILL; .* processes=1"):
        run(BranchRunner(2), BESIDE_A_SLEEPER["die"], tmp_path)
    assert gone(sleepers(tmp_path))


def test_what_cannot_pass_between_processes_is_named(tmp_path):
    pipeline = Pipeline(
        [
            node(nodes.make_function, "folder", "function"),
            node(nodes.use, "function", None),
            node(nodes.where, "folder", "here"),
        ]
    )
    with pytest.raises(
        RunError, match=r"function, which node make_function.* makes, is kept in memory and cannot pass"
    ):
        run(BranchRunner(2), pipeline, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_a_run_that_is_ended(tmp_path, number):
    program = (
        # A shell lets what it starts in the background ignore Ctrl-C, and so what that starts.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import sys; from tests.runner.test_branches import run, BESIDE_A_SLEEPER, BranchRunner\n"
        "from tests.runner import nodes; nodes.await_sleeper = lambda folder: __import__('time').sleep(300)\n"
        "run(BranchRunner(2), BESIDE_A_SLEEPER['refuse'], sys.argv[1])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True
    )
    pids = sleepers(tmp_path)
    os.kill(process.pid, number)
    process.communicate(timeout=500)
    assert gone(pids)
    assert process.returncode != 0


def test_progress_and_the_table_tell_of_nodes_that_ran_in_workers(tmp_path, caplog):
    hook = StageTimesHook()
    with caplog.at_level("INFO"):
        run(BranchRunner(2), MEETING, tmp_path, hook)
        hook.after_pipeline_run(MEETING)
    told = [message for message in caplog.messages if message.startswith("[")]
    started = [line for line in told if line.endswith(" started")]
    assert [line[:5] for line in started] == ["[1/3]", "[2/3]", "[3/3]"]
    assert told[:2] == started[:2]  # two at a time, before either has ended
    assert told[-2] == started[-1]
    progress = [line for line in told if line not in started]
    assert [line[:5] for line in progress] == ["[1/3]", "[2/3]", "[3/3]"]
    assert "pair" in progress[-1]
    assert caplog.messages[0].startswith("3 nodes to run, first ")
    (table,) = [message for message in caplog.messages if message.startswith("Time and memory")]
    assert [line.split()[0] for line in table.splitlines()[-5:]] == ["all", "this", "worker", "worker", "the"]


def test_a_run_in_which_no_output_is_missing_says_so(caplog):
    hook = StageTimesHook()
    with caplog.at_level("INFO"):
        hook.before_pipeline_run({}, MEETING, DataCatalog())
        hook.after_pipeline_run(MEETING)
    assert caplog.messages[-1] == "Nothing to do: what all 3 nodes make is there (--only-missing-outputs)"


@pytest.mark.parametrize("processes", [0, "two"])
def test_a_number_of_processes_that_is_none_is_refused(processes):
    with pytest.raises(ConfigError, match="whole number from 1"):
        BranchRunner(processes)
