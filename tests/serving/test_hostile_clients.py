"""One client never harms another, nobody is let in under a foreign name, and the server ends when it is told to."""

import json
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.serving.server_process import HELLO, ServerProcess

PATIENCE_SECONDS = 90  # ten are promised, on a machine that does nothing else


@pytest.fixture(scope="module")
def server(tiny_student):
    with ServerProcess(tiny_student, "--allow-host", "Models.Example") as server:
        yield server


@pytest.fixture(scope="module")
def long_student(tiny_student, tmp_path_factory):
    """A model that takes minutes for a completion."""
    folder = tmp_path_factory.mktemp("models") / "long"
    shutil.copytree(tiny_student, folder)
    config = json.loads((folder / "config.json").read_text()) | {"max_position_embeddings": 60_000}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    "host",
    ["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example", "attacker.example:8080", "",
     "localhost@attacker.example", "[::1].attacker.example", "192.168.1.7", "localhost, attacker.example"],
)  # fmt: skip
def test_a_foreign_name_is_refused_before_anything_is_answered(server, host):
    for path, body in (("/v1/chat/completions", server.body()), ("/v1/models", None), ("/health", None)):
        status, text = server.call(path, body, Host=host)
        assert status in (400, 403)
        assert server.name not in text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "localhost.", "127.0.0.1:9", "127.8.8.8", "[::1]:80",
                                  "models.example", "MODELS.example.:1"])  # fmt: skip
def test_names_of_the_loopback_and_those_it_was_told_are_answered(server, host):
    assert server.call("/v1/chat/completions", server.body(), Host=host)[0] == 200


def test_a_page_of_another_server_is_refused_whatever_name_it_asks_under(server):
    for origin in ("https://attacker.example", "null", "http://localhost.attacker.example", "file://"):
        assert server.call("/v1/chat/completions", server.body(), Origin=origin)[0] == 403
    assert server.call("/v1/chat/completions", server.body(), Origin="http://localhost:3000")[0] == 200


def test_a_request_without_a_name_or_with_two_is_refused(server):
    for head in ("GET /health HTTP/1.0\r\n\r\n", "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: x.example\r\n\r\n"):
        with server.connect() as client:
            client.sendall(head.encode())
            assert client.recv(100).split()[1] in (b"400", b"403")


def test_a_body_that_is_too_long_is_refused_without_being_held(server):
    server.complete()
    before = server.peak_bytes()
    for filler in (b"x" * 20_000_000, b"[" * 20_000_000, b"{}," * 7_000_000):
        status, text = server.call("/v1/chat/completions", b'{"messages": "' + filler)
        assert (status, json.loads(text)["error"]["code"]) == (413, "body_too_large")
        assert "limit body_bytes" in text
    assert server.peak_bytes() - before < 200_000_000
    assert server.complete()[0] == 200


def test_a_body_without_a_length_is_limited_too(server):
    with server.connect() as client:
        client.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: {server.place}\r\n".encode())
        client.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(30):
            client.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        client.sendall(b"0\r\n\r\n")
        assert client.recv(100).split()[1] == b"413"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 100_000, "too_much_values"),
        (b'{"a":' * 9_000, "too_much_nesting"),
        (b'{"messages":' + b"[" * 17 + b"]" * 17 + b"}", "too_much_nesting"),
        (b'{"messages": [' + b"0," * 300_000 + b"0]}", "too_much_values"),
        (b'{"messages": [' + b",".join([b"{}"] * 3000) + b"]}", "invalid_value"),
        (b'{"max_tokens": ' + b"9" * 5000 + b"}", None),
    ],
)
def test_a_body_of_a_wild_shape_is_refused_in_few_words(server, body, code):
    status, text = server.call("/v1/chat/completions", body)
    assert (status, len(text) < 500) == (400, True)
    assert code is None or json.loads(text)["error"]["code"] == code


@pytest.mark.parametrize(
    "raw",
    [
        '{"model": "tiny", "messages": MESSAGES, "temperature": NaN}',
        '{"model": "tiny", "messages": MESSAGES, "temperature": Infinity}',
        '{"model": "tiny", "messages": MESSAGES, "top_p": NaN}',
        '{"model": "tiny", "messages": MESSAGES, "top_p": 0}',
        '{"model": "tiny", "messages": MESSAGES, "n": 1000000}',
        '{"model": "tiny", "messages": MESSAGES, "seed": 1e400}',
        '{"model": "tiny", "messages": MESSAGES, "stop": "\\ud800"}',
        '{"model": "tiny", "messages": MESSAGES, "\\ud800": 1}',
        '{"model": "tiny", "messages": [{"role": "user", "content": "a\\udfffb"}]}',
        '{"model": "tiny", "messages": [{"role": "\\ud800", "content": "a"}]}',
        '{"model": "\\ud800", "messages": MESSAGES}',
    ],
)
def test_what_no_model_can_take_is_the_fault_of_its_client(server, raw):
    status, text = server.call("/v1/chat/completions", raw.replace("MESSAGES", json.dumps(HELLO)).encode())
    assert status in (400, 404)
    assert json.loads(text)["error"]["type"] == "invalid_request_error"


def test_extremes_of_one_client_leave_the_answers_of_others_as_they_are(server):
    alone = server.complete(temperature=0)[1]["choices"][0]["message"]
    wild = [
        {"temperature": 1e-40}, {"top_p": 1e-300, "temperature": 1.0}, {"temperature": 5e-324, "top_p": 5e-324},
        {"max_tokens": 10**30}, {"n": 20, "temperature": 2}, {"seed": -(1 << 63), "temperature": 1},
        {"messages": [{"role": "user", "content": "<eos><user>" * 20}]}, {"stop": ["a" * 1000] * 16},
    ]  # fmt: skip
    with ThreadPoolExecutor(24) as clients:
        asked = [clients.submit(server.complete, **more) for _ in range(2) for more in ({"temperature": 0}, *wild)]
        answers = [one.result() for one in asked]
    assert [status for status, _ in answers] == [200] * len(answers)
    assert [answers[place][1]["choices"][0]["message"] for place in (0, 9)] == [alone] * 2
    cold = [answers[place][1]["choices"][0]["message"] for place in (1, 2, 3)]
    assert cold == [alone] * 3


def test_a_chat_longer_than_the_context_is_refused(server):
    for content in ("town " * 300, "a" * 500_000):
        status, body = server.complete([{"role": "user", "content": content}])
        assert (status, body["error"]["code"]) == (400, "context_length_exceeded")
    status, body = server.complete(HELLO * 300)
    assert (status, body["error"]["code"]) == (400, "context_length_exceeded")


def test_metrics_count_requests_tokens_and_faults(server):
    names = ("quintain_prompt_tokens_total", "quintain_completion_tokens_total")
    before = [server.metric(name) for name in names]
    usage = server.complete(temperature=0)[1]["usage"]
    assert [server.metric(name) for name in names] == [
        before[0] + usage["prompt_tokens"], before[1] + usage["completion_tokens"]
    ]  # fmt: skip
    refused = server.metric('quintain_errors_total{fault="client"}')
    server.complete(temperature=9)
    assert server.metric('quintain_errors_total{fault="client"}') == refused + 1
    assert server.metric('quintain_requests_total{status="200"}') > 0
    assert (server.metric("quintain_calls_waiting"), server.metric("quintain_calls_running")) == (0, 0)
    assert server.metric("quintain_requests_in_flight") == 1  # the one that asks


def wait_until_running(server):
    while not server.metric("quintain_calls_running"):  # the suite's own limit of time holds
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_whatever_its_clients_do(long_student, how):
    with ServerProcess(long_student) as server:
        endless = server.body(max_tokens=50_000, temperature=1.0)
        left = [server.begin(endless | {"n": 8}) for _ in range(4)]
        wait_until_running(server)
        for client in left:
            client.close()
        assert server.complete(max_tokens=2)[0] == 200  # minutes of work for those who left are not waited for
        clients = [
            server.connect(),  # says nothing
            server.begin(endless, sent=20),  # holds half a body
            server.begin(endless),
            server.begin(endless | {"stream": True, "n": 8}),  # reads nothing
            server.begin(endless | {"messages": [{"role": "user", "content": "town " * 9000}]}),  # a long prompt
        ]
        clients[0].sendall(b"GET /health HT")  # half a head
        wait_until_running(server)
        server.process.send_signal(how)
        assert server.process.wait(timeout=PATIENCE_SECONDS) == 0
        for client in clients:
            client.close()
