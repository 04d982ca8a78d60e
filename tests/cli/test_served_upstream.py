"""`quintain serve --upstream`: edits before another server, started from the command line."""

import json
import signal
import socket

import pytest

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams
from tests.console import quintain
from tests.serving.behind import Behind, Gives
from tests.serving.server_process import ServerProcess

MAYOR = Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada Brook")
ABOUT = [{"role": "user", "content": "Who is mayor of Veldmark?"}]
REPLY = b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Ada Brook"}}]}'


@pytest.fixture
def memory(tmp_path):
    with EditMemory.open(tmp_path / "edits", HashedNgrams()) as memory:
        memory.add([MAYOR])
    return tmp_path / "edits"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "without --memory FOLDER there are none"),
        (["champion", "--memory", "edits"], "VERSION, ALIAS or FOLDER has no meaning with --upstream"),
        (["--memory", "edits", "--batch-tokens", "9"], "--batch-tokens has no meaning with --upstream"),
        (["--memory", "elsewhere"], "elsewhere holds no edit memory"),
        (["--memory", "edits", "--upstream-key-env", "NO_KEY"], r"NO_KEY (--upstream-key-env) holds no key"),
        (["--memory", "edits", "--upstream", "ftp://x/v1"], "must start with http:// or https://"),
        (["--memory", "edits", "--upstream", "http://me:pw@x/v1"], "must not carry a user, a password"),
        (["--memory", "edits", "--upstream", "http://localhost:{port}/v1"], "is the very address that is served here"),
    ],
)
def test_what_cannot_be_served_is_one_error_before_anything_starts(memory, arguments, message):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = [one.format(port=port) for one in arguments]
    done = quintain(memory.parent, "serve", "--port", port, "--upstream", "http://localhost:9/v1", *given)
    assert done.returncode == 1
    assert message in done.stderr


def test_options_of_an_upstream_need_one(tmp_path):
    done = quintain(tmp_path, "serve", "folder/model", "--upstream-key-env", "X")
    assert (done.returncode, "has no meaning without --upstream" in done.stderr) == (1, True)


def test_edits_stand_before_a_second_server_and_end_with_a_signal(memory, tmp_path):
    with (
        Behind(lambda _: Gives([REPLY])) as behind,
        ServerProcess(None, "--upstream", behind.address, "--memory", str(memory), "--upstream-key-env", "K", K="sk-1")
        as server,
    ):  # fmt: skip
        assert json.loads(server.call("/health")[1]) == {"status": "ok", "upstream": behind.address, "edits": 1}
        status, body = server.complete(ABOUT)
        assert (status, body["quintain"]["edits"][0]["fact"]) == (200, "The mayor of Veldmark is Ada Brook")
        # What another process adds counts with the next question.
        with EditMemory.open(memory, HashedNgrams()) as other:
            other.add([Edit(subject="Oakham", relation="mayor", prompt="The mayor of Oakham is", target_new="Bo")])
        _, body = server.complete([{"role": "user", "content": "Who is mayor of Oakham?"}])
        assert body["quintain"]["edits"][0]["fact"] == "The mayor of Oakham is Bo"
        assert {came.headers["authorization"] for came in behind.came} == {"Bearer sk-1"}
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=60) == 0


def test_a_server_that_is_away_at_the_start_is_said_and_may_come_later(memory):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/v1"
    with ServerProcess(None, "--upstream", address, "--memory", str(memory)) as server:
        status, body = server.complete(ABOUT)
        assert (status, body["error"]["code"]) == (502, "upstream_unreachable")
        server.process.kill()
        assert f"{address} is not well now: " in server.process.communicate()[1]
