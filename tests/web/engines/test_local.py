"""Processes that die, hang or find no disk: what a run over shards makes of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def outputs(folder):
    """Times of change of all outputs that are complete."""
    return {mark.stem: mark.with_suffix(".parquet").stat().st_mtime_ns for mark in Path(folder).glob("*/*.done")}


def tried(folder):
    """Marks of the shards that trouble came to."""
    return list(Path(folder).glob("*/*.tried"))


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def children(pid):
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_any_number_of_workers_gives_the_same_records(ingestion, calm, tmp_path):
    three = ingestion.run(tmp_path, workers=3)
    assert calm["ids"] == three["ids"]
    assert len(set(calm["ids"])) == 240
    assert calm["kept"] == 18  # of the 20 texts of each archive; 10 is that of 0, 17 nearly that of 1, see `pages`


def test_two_passes_give_the_same_records_with_any_number_of_workers_even_when_one_is_killed(
    ingestion, calm_in_two_passes, tmp_path
):
    two = ingestion.run(tmp_path, workers=2, profile="two_pass", trouble="killed", at="part-05")
    assert two["ids"] == calm_in_two_passes["ids"]
    assert calm_in_two_passes["kept"] == 18


def test_a_worker_killed_in_the_second_pass_costs_nothing_but_its_shard_done_again(
    ingestion, calm_in_two_passes, tmp_path
):
    troubled = ingestion.run(tmp_path, workers=2, profile="two_pass", trouble="killed", at="Rereading")
    assert troubled["ids"] == calm_in_two_passes["ids"]
    assert len(tried(tmp_path)) == 2  # all texts are those of part-00, which is two shards


def test_a_driver_killed_in_the_second_pass_leaves_the_first_as_it_is(ingestion, calm_in_two_passes, tmp_path):
    job = ingestion.start(tmp_path / "killed", workers=2, profile="two_pass", trouble="hang", at="Rereading")
    wait_for(lambda: tried(tmp_path / "killed"))
    os.kill(job.pid, signal.SIGKILL)
    job.communicate()
    done = outputs(tmp_path / "killed")
    assert len(done) == 24
    again = ingestion.run(tmp_path / "killed", workers=2, profile="two_pass")
    assert again["ids"] == calm_in_two_passes["ids"]
    assert done.items() <= outputs(tmp_path / "killed").items()


def test_a_killed_worker_costs_nothing_but_its_shard_done_again(ingestion, calm, tmp_path):
    troubled = ingestion.run(tmp_path, workers=2, trouble="killed", at="part-05")
    assert troubled["ids"] == calm["ids"]


def test_a_killed_driver_leaves_no_worker_and_the_same_command_goes_on_where_it_stood(ingestion, calm, tmp_path):
    job = ingestion.start(tmp_path / "killed", workers=2, trouble="slow")
    wait_for(lambda: len(outputs(tmp_path / "killed")) >= 4)
    workers = children(job.pid)
    os.kill(job.pid, signal.SIGKILL)
    job.communicate()
    assert len(workers) >= 2
    wait_for(lambda: not any(map(alive, workers)), seconds=10)
    done = outputs(tmp_path / "killed")
    assert 4 <= len(done) < 24
    again = ingestion.run(tmp_path / "killed", workers=2)
    assert again["ids"] == calm["ids"]
    after = outputs(tmp_path / "killed")
    assert len(after) == 24
    assert {name: after[name] for name in done} == done


def test_a_shard_that_kills_its_worker_every_time_is_named_and_the_others_are_kept(ingestion, tmp_path):
    error = ingestion.run(tmp_path, workers=2, trouble="crash", at="part-05")
    assert "RecordError: 2 of 24 shards ended their worker 3 times" in error
    assert "part-05.warc.gz, bytes 0 to " in error
    assert "Traceback" not in error
    assert len(outputs(tmp_path)) == 22


def test_a_shard_that_takes_for_ever_is_named(ingestion, tmp_path):
    error = ingestion.run(tmp_path, workers=2, trouble="hang", at="part-05", stall_seconds=5)
    assert "no shard was completed within 5 seconds (ingestion.stall_seconds); waiting for: part-05.warc.gz" in error
    assert "Traceback" not in error


def test_what_a_disk_refuses_in_a_worker_is_one_clear_error(ingestion, tmp_path):
    (tmp_path / "shards").touch()
    error = ingestion.run(tmp_path / "shards", workers=2)
    assert "RecordError" in error
    assert "could not be written: " in error
    assert "Traceback" not in error


def test_a_script_without_a_main_guard_is_told_so(source, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from quintain import web\n"
        f"params = web.IngestionParams(folder={str(tmp_path / 'shards')!r}, shard_mib=0.01, workers=2)\n"
        f"list(web.ingest(web.read_pages({str(source)!r}), web.PageLimits(), params))\n"
    )
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=500)
    assert ran.returncode == 1
    assert "RecordError: worker processes end before they begin" in ran.stderr.splitlines()[-1]
    assert "must do so under `if __name__ == '__main__':`" in ran.stderr.splitlines()[-1]
