"""A real PostgreSQL server on a free port, its tables in a folder that goes with it."""

import contextlib
import getpass
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

USER = "postgres" if os.geteuid() == 0 else getpass.getuser()  # PostgreSQL refuses to run as root


def program(name: str) -> str:
    """Path of a program of PostgreSQL, which Debian keeps off the path; empty where there is none."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(beside[-1]) if beside else "")


def missing_postgres() -> str:
    """What is not here of that which a server on PostgreSQL takes; empty where all is."""
    if not program("initdb") or not program("postgres"):
        return "PostgreSQL is not installed (apt-get install postgresql)"
    if importlib.util.find_spec("psycopg") is None:
        return 'MLflow has no driver of PostgreSQL (pip install "psycopg[binary]")'
    if USER not in {each.pw_name for each in pwd.getpwall()}:
        return f"no user {USER}, and PostgreSQL does not run as root"
    return ""


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Address of an empty database, for SQLAlchemy, while the server runs."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # outside of pytest's folder, which is its owner's alone
    shutil.chown(folder, USER)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    owner = {"user": USER} if os.geteuid() == 0 else {}
    where = ["--pgdata", str(folder / "tables")]
    try:
        subprocess.run(
            [program("initdb"), *where, "--username", USER, "--auth", "trust", "--no-sync"],
            cwd=folder, stdout=subprocess.DEVNULL, check=True, **owner,
        )  # fmt: skip
        reached = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        control = [program("pg_ctl"), *where, "--wait", "--timeout", "600"]
        subprocess.run([*control, "--log", folder / "log", "--options", reached, "start"],
                       cwd=folder, stdout=subprocess.DEVNULL, check=True, **owner)  # fmt: skip
        try:
            subprocess.run(
                [program("createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", USER, "mlflow"], cwd=folder, check=True
            )
            yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/mlflow"
        finally:
            subprocess.run([*control, "--mode", "fast", "stop"], cwd=folder, stdout=subprocess.DEVNULL, check=True,
                           **owner)  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
