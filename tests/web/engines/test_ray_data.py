"""The same on a local Ray cluster."""

import importlib.util
import os
import signal
import time
from pathlib import Path

import pytest

from quintain.errors import ConfigError, RecordError
from quintain.web.engines.ray_data import _cluster, _results

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("ray"), reason="Ray is not installed; it comes with the extra `ray`"
)


def done(folder):
    return {mark.stem: mark.with_suffix(".parquet").stat().st_mtime_ns for mark in Path(folder).glob("*/*.done")}


def test_ray_gives_the_records_of_the_local_engine_even_when_workers_are_killed(ingestion, calm, tmp_path):
    on_ray = ingestion.run(tmp_path, engine="ray", workers=2, trouble="killed", at="part-05")
    assert on_ray["ids"] == calm["ids"]


@pytest.mark.slow
def test_two_passes_on_ray_give_the_records_of_the_local_engine_even_when_a_worker_is_killed_in_the_second(
    ingestion, calm_in_two_passes, tmp_path
):
    on_ray = {"engine": "ray", "workers": 2, "profile": "two_pass", "trouble": "killed", "at": "Rereading"}
    assert ingestion.run(tmp_path, **on_ray)["ids"] == calm_in_two_passes["ids"]
    assert list(tmp_path.glob("*/*.tried"))


@pytest.mark.slow
def test_a_killed_driver_goes_on_where_it_stood_on_either_engine(ingestion, calm, tmp_path):
    job = ingestion.start(tmp_path / "killed", engine="ray", workers=2, trouble="slow")
    end = time.monotonic() + 60
    while len(before := done(tmp_path / "killed")) < 4:
        assert time.monotonic() < end
        assert job.poll() is None
        time.sleep(0.02)
    os.kill(job.pid, signal.SIGKILL)
    job.communicate()
    again = ingestion.run(tmp_path / "killed", workers=1)
    assert again["ids"] == calm["ids"]
    assert before.items() <= done(tmp_path / "killed").items()


@pytest.mark.slow
def test_a_shard_that_kills_its_worker_every_time_is_named_and_the_others_are_kept(ingestion, tmp_path):
    error = ingestion.run(tmp_path, engine="ray", workers=2, trouble="crash", at="part-05")
    assert "RecordError: 2 of 24 shards ended their worker 3 times" in error
    assert "part-05.warc.gz, bytes 0 to " in error
    assert len(done(tmp_path)) == 22


@pytest.mark.slow
def test_a_cluster_that_completes_nothing_is_an_error_not_a_wait(ingestion, tmp_path):
    error = ingestion.run(tmp_path, engine="ray", workers=2, trouble="hang", at="part-", stall_seconds=4)
    assert "no shard was completed within 4 seconds (ingestion.stall_seconds); waiting for: part-00.warc.gz" in error
    assert "`ray status` shows whether the cluster has free CPUs" in error
    assert "Traceback" not in error


def test_results_that_do_not_come_are_an_error_that_names_the_shards_and_rays_own_command():
    class Idle:
        """Tasks of a cluster whose cores are all taken."""

        def iter_rows(self):
            yield {"name": "part-00", "error": ""}
            time.sleep(1000)

    waiting = {"part-01": "part-01.warc.gz, bytes 0 to 9"}
    results = _results(Idle(), waiting, 0.2)
    assert next(results) == ("part-00", "")
    said = (
        r"within 0\.2 seconds \(ingestion.stall_seconds\); waiting for: part-01\.warc\.gz, .*`ray status` shows whether"
    )
    with pytest.raises(RecordError, match=said):
        next(results)


def test_a_cluster_that_is_not_there_is_an_error_that_names_the_setting(ingestion, tmp_path):
    error = ingestion.run(tmp_path, engine="ray", address="127.0.0.1:1")
    assert "ConfigError: no Ray cluster listens at 127.0.0.1:1 (ingestion.address)" in error


def test_a_machine_too_busy_for_ray_to_start_on_is_an_error_in_one_line(monkeypatch):
    import ray

    def init(**settings):  # what Ray 2.60 did on two cores at load 12, word for word
        raise Exception(
            "The current node timed out during startup. This could happen because some of the raylet failed to startup "
            "or the GCS has become overloaded."
        )

    monkeypatch.setattr(ray, "init", init)
    said = r"Ray did not start on this machine: The current node timed out during startup\..*engine to `local`"
    with pytest.raises(ConfigError, match=said), _cluster("", 1):
        pass
