"""The server answers as OpenAI's clients expect, many of them at once."""

import http.client
import json
import math
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from quintain.edit_memory import EditMemory
from quintain.errors import ModelError
from quintain.methods.lte import Edit, HashedNgrams, Hit
from quintain.models.language_model import Sampling
from quintain.models.local import BATCH_ROWS, LocalModel
from quintain.models.roles import Roles, bind
from quintain.prompts import request
from quintain.serving.access import Access
from quintain.serving.app import make_app
from quintain.serving.batching import Batcher
from quintain.serving.ending import EndingServer
from quintain.serving.request_limits import RequestLimits
from quintain.serving.server import address_of, take_port
from quintain.serving.student import Student

HELLO = [{"role": "user", "content": "Hello"}]
MAYOR = [{"role": "user", "content": "Who is mayor of Veldmark?"}]


class Watched(LocalModel):
    """Notes what its network is given; can be held up, fail once, and fails a while after a poisoned prompt."""

    def __init__(self, folder, sampling, **limits):
        super().__init__(folder, sampling, **limits)
        self.shapes, self.taken = [], []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.fault = self.poison_acts_in = None
        self._model.register_forward_pre_hook(self._watch, with_kwargs=True)

    @property
    def most_rows(self):
        """Most completions that grew at a time."""
        return max(rows for rows, width in self.shapes if width == 1)

    def hold(self):
        self.shapes.clear()
        self.taken.clear()
        self.may_go_on.clear()

    def _rows(self, calls, fit, land):
        self.taken += [call.request.messages[-1].content for call in calls]
        return super()._rows(calls, fit, land)

    def _watch(self, _, __, named):
        ids = named["input_ids"]
        self.shapes.append(tuple(ids.shape))
        self.may_go_on.wait()
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        if any("poison" in self._tokenizer.decode(row) for row in ids):
            self.poison_acts_in = 3
        elif self.poison_acts_in is not None:
            self.poison_acts_in -= 1
            if not self.poison_acts_in:
                self.poison_acts_in = None
                raise RuntimeError("poisoned")


class Served:
    """A server in a thread of this process, and a client of it."""

    def __init__(self, student, **settings):
        self.student, self.batcher = student, Batcher()
        self.socket = take_port("127.0.0.1", 0)
        self.address = address_of(self.socket)
        self.socket_name = self.socket.getsockname()
        self.socket.listen()
        self.server = EndingServer(make_app(student, self.batcher, **settings))
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.should_exit = True
        self.thread.join(timeout=500)
        assert not self.thread.is_alive()

    def call(self, path, body=None, method=None, **more):
        """Status and JSON; for a stream the list of its events."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **more}
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
    model.hold()
    with ThreadPoolExecutor(17) as clients:
        first = clients.submit(served.texts)
        wait_until(lambda: len(model.shapes) == 1)
        rest = [clients.submit(served.texts, temperature=1.0, seed=seed) for seed in range(16)]
        wait_until(lambda: served.batcher.waiting == 16)
        model.may_go_on.set()
        together = [future.result()[0] for future in rest]
        first.result()
    assert model.most_rows == 17  # they join the one at work
    assert together[7] == served.texts(temperature=1.0, seed=7)[0]


def test_a_client_that_hangs_up_is_no_longer_answered(served):
    model = served.student.model
    model.hold()
    with ThreadPoolExecutor(1) as clients:
        first = clients.submit(served.texts)
        wait_until(lambda: len(model.shapes) == 1)
        gone = http.client.HTTPConnection(urlsplit(served.address).netloc)
        body = json.dumps({"model": "tiny", "messages": HELLO}).encode()
        gone.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        wait_until(lambda: served.batcher.waiting == 1)
        call = served.batcher._waiting[model][0][0]
        gone.close()
        wait_until(lambda: call.listener.gone)
        model.may_go_on.set()
        first.result()
    served.texts()
    assert model.taken == ["Hello", "Hello"]
    assert model.most_rows == 1


def test_a_batch_that_fails_is_said_so_and_the_next_is_answered(served, caplog):
    served.student.model.fault = RuntimeError("out of memory")
    status, body = served.complete()
    assert status == 500
    assert body["error"] == {
        "message": "the model failed: out of memory", "type": "server_error", "param": None, "code": None
    }  # fmt: skip
    assert served.complete()[0] == 200


def test_only_the_call_that_makes_the_model_fail_fails(served, caplog):
    model = served.student.model
    alone = served.texts(temperature=1.0, seed=3)
    model.hold()
    poison = [{"role": "user", "content": "poison"}]
    with ThreadPoolExecutor(5) as clients:
        first = clients.submit(served.texts)
        wait_until(lambda: len(model.shapes) == 1)
        bad = clients.submit(served.complete, poison)
        good = clients.submit(served.texts, temperature=1.0, seed=3)
        streamed = clients.submit(served.complete, temperature=1.0, seed=3, stream=True)
        wait_until(lambda: served.batcher.waiting == 3)
        model.may_go_on.set()
        first.result()
        assert bad.result()[0] == 500
        assert good.result() == alone
        events = [json.loads(event) for event in streamed.result()[1][:-1]]
    # The client of the stream had heard a part already, and hears it once.
    assert ["".join(event["choices"][0]["delta"].get("content", "") for event in events)] == alone
    assert "failed on 4 calls at a time" in caplog.text


def test_a_client_with_many_calls_lets_others_in_between(served):
    model = served.student.model
    model.hold()
    with ThreadPoolExecutor(3) as clients:
        first = clients.submit(served.texts)
        wait_until(lambda: len(model.shapes) == 1)
        many = clients.submit(served.texts, n=100, temperature=1.0)
        wait_until(lambda: served.batcher.waiting == 100)
        one = clients.submit(served.texts, messages=[{"role": "user", "content": "Hi"}])
        wait_until(lambda: served.batcher.waiting == 101)
        model.may_go_on.set()
        for future in (first, many, one):
            future.result()
    assert model.taken[:4] == ["Hello", "Hello", "Hi", "Hello"]
    assert model.most_rows == BATCH_ROWS


def test_calls_wait_until_their_tokens_fit(served, tiny_student):
    tokens = math.ceil(1.25 * (served.complete()[1]["usage"]["prompt_tokens"] + 12))
    model = Watched(tiny_student, Sampling(max_new_tokens=12), batch_tokens=4 * tokens)
    small = Served(Student("tiny", model))
    try:
        assert len(small.texts(n=9)) == 9
    finally:
        small.stop()
    assert model.most_rows == 4


def test_a_line_that_is_full_takes_no_more(tiny_student):
    limits = RequestLimits(body_bytes=100_000, waiting_calls=3)
    served = Served(Student("tiny", Watched(tiny_student, Sampling(max_new_tokens=4))), limits=limits)
    try:
        status, body = served.complete(n=4)
        assert (status, body["error"]["code"]) == (429, "server_busy")
        assert served.complete(n=3)[0] == 200
    finally:
        served.stop()


def test_a_key_is_asked_for_wherever_a_model_or_its_numbers_are_shown(tiny_student):
    served = Served(Student("tiny", Watched(tiny_student, Sampling(max_new_tokens=4))), access=Access(key="s3cret"))
    try:
        for path, body in (("/v1/models", None), ("/v1/chat/completions", {"model": "tiny", "messages": HELLO})):
            for wrong in ("", "Bearer", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret", "Bearer \u00fc"):
                status, answer = served.call(path, body, Authorization=wrong)
                assert (status, answer["error"]["code"]) == (401, "invalid_api_key")
            assert served.call(path, body)[0] == 401
            assert served.call(path, body, Authorization="Bearer s3cret")[0] == 200
        assert served.call("/metrics")[0] == 401
        assert served.call("/health")[0] == 200
    finally:
        served.stop()


def test_clients_that_send_or_read_too_slowly_are_given_up(tiny_student):
    limits = RequestLimits(body_bytes=100_000, body_seconds=0.2, header_seconds=0.2, reply_seconds=0.2, connections=3)
    served = Served(Student("tiny", Watched(tiny_student, Sampling(max_new_tokens=4))), limits=limits)
    host, port = served.socket_name
    try:
        with socket.create_connection((host, port), timeout=60) as half_a_body:
            head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99\r\n\r\n"
            half_a_body.sendall(head.encode() + b"{")
            assert half_a_body.recv(1000).split()[1] == b"408"
        with socket.create_connection((host, port), timeout=60) as half_a_head:
            half_a_head.sendall(b"GET /health HTTP/1.1\r\nHo")
            assert closed(half_a_head)
        crowd = [socket.create_connection((host, port), timeout=60) for _ in range(3)]
        with socket.create_connection((host, port), timeout=60) as one_too_many:
            assert closed(one_too_many)
        for one in crowd:
            one.close()
    finally:
        served.stop()


def closed(connection):
    """True when the other side ends the connection without a word."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


class BrokenMemory:
    """Finds an edit of old with half a surrogate pair."""

    def search(self, *_):
        edit = Edit(subject="Veldmark", prompt="The mayor of Veldmark is", target_new="Ada\ud800 Brook")
        return [Hit(edit, 1.0, passed=True, id="e1")]


def test_an_edit_with_half_a_character_is_answered_under(tiny_student):
    served = Served(Student("tiny", Watched(tiny_student, Sampling(max_new_tokens=4)), (BrokenMemory(),)))
    try:
        status, body = served.complete(MAYOR)
        assert status == 200
        assert body["quintain"]["edits"][0]["fact"] == "The mayor of Veldmark is Ada\ud800 Brook"
        assert served.complete(MAYOR, stream=True)[0] == 200
    finally:
        served.stop()


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
