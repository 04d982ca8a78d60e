"""MLflow's own server answers chats and instructions of the champion."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quintain.methods.lte import Edit
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.serving.invocations import complete_chat
from quintain.serving.server import take_port
from quintain.serving.student import Student
from tests.registered_project import registered_project

EDIT = Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada Brook")
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture(scope="module")
def served(tmp_path_factory, mlflow_tables, tiny_student):
    """`mlflow models serve` on the champion, started elsewhere than in the project."""
    project, elsewhere = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("elsewhere")
    uri = registered_project(project, mlflow_tables, tiny_student, [EDIT])
    with take_port("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
    here = Path(sys.executable).parent
    command = [here / "mlflow", "models", "serve", "-m", "models:/quintain-student@champion"]
    process = subprocess.Popen(
        [*command, "--env-manager", "local", "--port", str(port)],
        cwd=elsewhere,
        env=os.environ | {
            "MLFLOW_TRACKING_URI": uri, "QUINTAIN_PROJECT": str(project), "PATH": f"{here}:{os.environ['PATH']}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not answers(port):
        assert process.poll() is None, process.stdout.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.2)
    yield port
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=500)


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def invoke(port, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/invocations", json.dumps(body), {"Content-Type": "application/json"})
    reply = connection.getresponse()
    found = reply.status, json.load(reply)
    connection.close()
    return found


def test_invocations_answer_a_chat_and_a_list_of_instructions(served, tiny_student):
    model = LocalModel(tiny_student, Sampling(max_new_tokens=8))
    expected = model.generate([request("student/instruction", {"instruction": "Hello"})])[0]
    status, body = invoke(served, {"messages": HELLO})
    assert (status, body["object"]) == (200, "chat.completion")
    assert body["choices"][0]["message"] == {"role": "assistant", "content": expected.text}
    assert body["usage"]["completion_tokens"] == expected.completion_tokens
    assert invoke(served, {"inputs": ["Hello"]}) == (200, {"predictions": [expected.text]})


def test_invocations_honour_sampling_or_refuse_it_by_name(served):
    status, body = invoke(served, {"messages": HELLO, "n": 2, "temperature": 1.0, "seed": 3, "max_tokens": 5})
    assert status == 200
    assert len({choice["message"]["content"] for choice in body["choices"]}) == 2
    for name in ("top_k", "k"):
        status, body = invoke(served, {"messages": HELLO, name: 4})
        assert (status, body["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
        assert f"{name} cannot be honoured here" in body["message"]


def test_invocations_cite_the_edits_that_a_version_carries(served):
    chat = [*HELLO, {"role": "assistant", "content": "Hi."}, {"role": "user", "content": "Who is mayor of Veldmark?"}]
    (cited,) = invoke(served, {"messages": chat})[1]["quintain"]["edits"]
    assert cited["fact"] == EDIT.fact


def test_a_chat_that_does_not_fit_is_a_fault_of_its_body(tiny_student):
    student = Student("tiny", LocalModel(tiny_student, Sampling()))
    with pytest.raises(ValueError, match="shorten the chat"):
        complete_chat(student, {"messages": [{"role": "user", "content": "town " * 900}]})
