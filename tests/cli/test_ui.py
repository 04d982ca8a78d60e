"""`quintain ui` refuses what cannot work before it starts anything."""

import socket

from tests.console import quintain
from tests.empty_project import empty_project


def test_a_port_that_is_taken_is_one_line_with_the_option(tmp_path):
    project = empty_project(tmp_path)
    (project / "mlflow.db").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = quintain(project, "ui", "--mlflow-port", port)
    assert done.returncode == 1
    assert f"MLflow cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--mlflow-port" in done.stderr
    assert not (project / "scratch/ui").exists()


def test_outside_of_a_project_it_says_so(tmp_path):
    done = quintain(tmp_path, "ui")
    assert done.returncode == 1
    assert "is not in a Quintain project" in done.stderr
