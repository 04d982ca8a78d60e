"""The server answers as OpenAI's clients expect, many of them at once."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from quintain.edit_memory import EditMemory
from quintain.errors import ModelError
from quintain.methods.lte import Edit, HashedNgrams
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.models.roles import Roles, bind
from quintain.prompts import request
from quintain.serving.app import make_app
from quintain.serving.batching import Batcher
from quintain.serving.server import address_of, take_port
from quintain.serving.student import Student

HELLO = [{"role": "user", "content": "Hello"}]
MAYOR = [{"role": "user", "content": "Who is mayor of Veldmark?"}]


class Watched(LocalModel):
    """Notes the size of its batches; can be held up, or fail once."""

    def __init__(self, folder, sampling):
        super().__init__(folder, sampling)
        self.batches = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.fault = None

    def answer(self, calls):
        self.batches.append(len(calls))
        self.may_go_on.wait()
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        return super().answer(calls)


class Served:
    """A server in a thread of this process, and a client of it."""

    def __init__(self, student):
        import uvicorn

        self.student, self.batcher = student, Batcher()
        self.socket = take_port("127.0.0.1", 0)
        self.address = address_of(self.socket)
        self.socket.listen()
        app = make_app(student, self.batcher)
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.should_exit = True
        self.thread.join(timeout=500)
        assert not self.thread.is_alive()

    def call(self, path, body=None, method=None):
        """Status and JSON; for a stream the list of its events."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        connection.request(method or ("POST" if data else "GET"), path, data, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        if "event-stream" in response.headers["Content-Type"]:
            return response.status, [event.removeprefix("data: ") for event in text.split("\n\n") if event]
        return response.status, json.loads(text)

    def complete(self, messages=HELLO, **more):
        return self.call("/v1/chat/completions", {"model": "tiny", "messages": messages, **more})

    def texts(self, **more):
        status, body = self.complete(**more)
        assert status == 200, body
        return [choice["message"]["content"] for choice in body["choices"]]


@pytest.fixture(scope="module")
def memory_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("memory")


@pytest.fixture(scope="module")
def memory(memory_folder):
    with EditMemory.open(memory_folder, HashedNgrams()) as memory:
        yield memory


@pytest.fixture(scope="module")
def served(tiny_student, memory):
    served = Served(Student("tiny", Watched(tiny_student, Sampling(max_new_tokens=12)), (memory,)))
    yield served
    served.stop()


def test_a_reply_has_openais_shape_and_counts_its_tokens(served):
    status, body = served.complete()
    (choice,) = body["choices"]
    expected = LocalModel.generate(served.student.model, [request("student/instruction", {"instruction": "Hello"})])[0]
    assert (status, body["object"], body["model"]) == (200, "chat.completion", "tiny")
    assert choice["message"] == {"role": "assistant", "content": expected.text}
    assert choice["finish_reason"] == expected.finish_reason
    assert body["usage"] == {
        "prompt_tokens": expected.prompt_tokens,
        "completion_tokens": expected.completion_tokens,
        "total_tokens": expected.prompt_tokens + expected.completion_tokens,
    }
    assert body["system_fingerprint"] == served.student.model.name
    assert "quintain" not in body


def test_n_choices_are_n_draws_and_a_seed_repeats_them(served):
    first = served.texts(n=3, temperature=1.0, seed=4)
    assert len(set(first)) == 3
    assert served.texts(n=3, temperature=1.0, seed=4) == first
    assert served.texts(n=3, temperature=1.0, seed=5) != first
    assert len({*(text for _ in range(4) for text in served.texts(temperature=1.0))}) == 4


def test_max_tokens_and_stop_end_a_completion(served):
    (whole,) = served.texts()
    _, body = served.complete(max_tokens=2)
    assert (body["usage"]["completion_tokens"], body["choices"][0]["finish_reason"]) == (2, "length")
    assert served.texts(stop=whole[3:5]) == [whole[: whole.index(whole[3:5])]]


def test_a_stream_tells_the_same_as_a_whole_reply(served):
    whole = served.texts(n=2, temperature=1.0, seed=4)
    status, events = served.complete(n=2, temperature=1.0, seed=4, stream=True, stream_options={"include_usage": True})
    assert (status, events[-1]) == (200, "[DONE]")
    *chunks, last = [json.loads(event) for event in events[:-1]]
    heard = ["", ""]
    for chunk in chunks:
        (choice,) = chunk["choices"]
        heard[choice["index"]] += choice["delta"].get("content", "")
    assert heard == whole
    assert sum(chunk["choices"][0]["finish_reason"] is not None for chunk in chunks) == 2
    assert last["choices"] == []
    assert last["usage"] == served.complete(n=2, temperature=1.0, seed=4)[1]["usage"]


def test_edits_count_from_the_moment_they_are_added_and_are_cited(served, memory_folder):
    assert "quintain" not in served.complete(MAYOR)[1]
    with EditMemory.open(memory_folder, HashedNgrams()) as other:
        (edit_id,) = other.add([Edit(subject="Veldmark", prompt="The mayor of Veldmark is", target_new="Ada Brook")])
    cited = {"edits": [{"id": edit_id, "fact": "The mayor of Veldmark is Ada Brook"}]}
    assert served.complete(MAYOR)[1]["quintain"] == cited
    assert json.loads(served.complete(MAYOR, stream=True)[1][0])["quintain"] == cited
    assert "quintain" not in served.complete(HELLO)[1]


def test_clients_that_come_together_are_answered_together(served):
    model = served.student.model
    model.may_go_on.clear()
    model.batches.clear()
    with ThreadPoolExecutor(17) as clients:
        first = clients.submit(served.texts)
        wait_until(lambda: model.batches == [1])
        rest = [clients.submit(served.texts, temperature=1.0, seed=seed) for seed in range(16)]
        wait_until(lambda: sum(map(len, served.batcher._waiting.values())) == 16)
        model.may_go_on.set()
        together = [future.result()[0] for future in rest]
        first.result()
    assert model.batches == [1, 16]
    assert together[7] == served.texts(temperature=1.0, seed=7)[0]


def test_a_client_that_hangs_up_is_no_longer_answered(served):
    model = served.student.model
    model.may_go_on.clear()
    model.batches.clear()
    with ThreadPoolExecutor(1) as clients:
        first = clients.submit(served.texts)
        wait_until(lambda: model.batches == [1])
        gone = http.client.HTTPConnection(urlsplit(served.address).netloc)
        body = json.dumps({"model": "tiny", "messages": HELLO}).encode()
        gone.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        wait_until(lambda: sum(map(len, served.batcher._waiting.values())) == 1)
        call = next(iter(served.batcher._waiting.values()))[0][0]
        gone.close()
        wait_until(lambda: call.listener.gone)
        model.may_go_on.set()
        first.result()
    served.texts()
    assert model.batches == [1, 1]


def test_a_batch_that_fails_is_said_so_and_the_next_is_answered(served, caplog):
    served.student.model.fault = RuntimeError("out of memory")
    status, body = served.complete()
    assert status == 500
    assert body["error"] == {
        "message": "the model failed: out of memory", "type": "server_error", "param": None, "code": None
    }  # fmt: skip
    assert served.complete()[0] == 200


@pytest.mark.parametrize(
    ("more", "status", "param", "code"),
    [
        ({"top_k": 3}, 400, "top_k", "unsupported_parameter"),
        ({"temperature": 3}, 400, "temperature", "invalid_value"),
        ({"model": "gpt"}, 404, "model", "model_not_found"),
        ({"messages": [{"role": "user", "content": "town " * 900}]}, 400, "messages", "context_length_exceeded"),
        ({"messages": [{"role": "user", "content": "town " * 900}], "stream": True}, 400, "messages",
         "context_length_exceeded"),
    ],
)  # fmt: skip
def test_a_refusal_names_parameter_and_code(served, more, status, param, code):
    found, body = served.complete(**{"messages": HELLO, **more})
    assert (found, body["error"]["param"], body["error"]["code"]) == (status, param, code)
    assert body["error"]["type"] == "invalid_request_error"


def test_no_body_makes_the_server_fail(served):
    for body in (
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b'{"model":"tiny","messages":[{"role":"user","content":"\\ud800"}]}',
    ):
        status, answer = served.call("/v1/chat/completions", body, "POST")
        assert (status, answer["error"]["type"]) == (400, "invalid_request_error")


def test_models_and_health_say_what_is_served(served):
    assert served.call("/health") == (200, {"status": "ok", "model": "tiny"})
    (card,) = served.call("/v1/models")[1]["data"]
    assert (card["id"], card["quintain"]["sampling"]["max_new_tokens"]) == ("tiny", 12)
    assert served.call("/v1/models/tiny") == (200, card)
    assert served.call("/v1/models/other")[0] == 404
    assert served.call("/v1/other")[1]["error"]["message"] == "Not Found"


def test_our_own_client_takes_it_for_a_teacher_after_its_probes(served, tmp_path):
    teacher = {
        "backend": "openai", "address": served.address, "model": "tiny",
        "sampling": {"temperature": 1.0, "max_new_tokens": 12},
    }  # fmt: skip
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings={"teacher": teacher})
    asked = [request("student/instruction", {"instruction": "Hello"}, sample=sample) for sample in range(3)]
    completions = bind("teacher", roles).generate(asked)
    assert len({completion.text for completion in completions}) == 3
    assert all("usage" not in completion.origin.knobs for completion in completions)
    wrong = Roles(ledger=str(tmp_path / "other.sqlite"), bindings={"teacher": teacher | {"model": "gpt"}})
    with pytest.raises(ModelError, match="the model 'gpt' is not served here"):
        bind("teacher", wrong).generate(asked)


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
