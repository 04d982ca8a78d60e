"""Edits before another server: questions they are about carry them, and everything else is passed on as it is."""

import http.client
import json
import socket
import subprocess
import sys
import threading

import pytest

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams, Hit, compose
from quintain.models.keys import Key
from quintain.serving.access import Access
from quintain.serving.request_limits import RequestLimits
from quintain.serving.upstream import Upstream
from quintain.serving.upstream_app import UpstreamApp
from tests.serving.behind import Behind, Gives, Running

CHAT = "/v1/chat/completions"
MAYOR = Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada Brook")
ABOUT, OTHER = "Who is mayor of Veldmark?", "Which river flows through Ostheim?"
# Odd blanks, an escape, numbers that Python would write otherwise, a field that nobody knows.
BARE = b'{ "model":"m" ,"messages": [{"content":"Which river flows through Osth\\u0065im?", "role":"user"}],'
BARE += b'"temperature":0.70, "seed": 12345678901234567890123, "top_k" : 1e0, "x":{"y":[null]}}\n'
REPLY = b'{"id": "a" , "choices":[{"index":0,"message":{"role":"assistant","content":"Elv"}}],"usage":{"n":1.0}}\n'


def question(text, **more):
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}], **more}).encode()


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    with EditMemory.open(tmp_path_factory.mktemp("memory"), HashedNgrams()) as memory:
        memory.add([MAYOR])
        yield memory


@pytest.fixture(scope="module")
def behind():
    with Behind(lambda _: Gives([REPLY])) as behind:
        yield behind


@pytest.fixture(scope="module")
def before(behind, memory):
    with Running(UpstreamApp(Upstream(behind.address, passes_keys=True), [memory])) as before:
        yield before


@pytest.fixture(autouse=True)
def _forgets(behind):
    behind.came.clear()
    behind.left.clear()
    behind.reply = lambda _: Gives([REPLY])


def edited(text=ABOUT, edit=MAYOR):
    return compose(text, [Hit(edit, 1.0, passed=True)]).messages[-1].content


# --- what no edit is about -------------------------------------------------------------------------------------------


def test_a_chat_that_no_edit_is_about_goes_and_comes_back_byte_for_byte(before, behind):
    status, headers, body = before.call(f"{CHAT}?api-version=1%2F2", BARE, X_Trace="7")
    (came,) = behind.came
    assert (came.body, came.path, came.headers["x-trace"]) == (BARE, f"{CHAT}?api-version=1%2F2", "7")
    assert (status, body) == (200, REPLY)
    assert "quintain-edits" not in headers


@pytest.mark.parametrize(
    "body",
    [b"", b"no JSON", b"[]", b'{"messages": "x"}', b'{"messages": [{"role": "user"}]}',
     b'{"messages": [{"content": 7}]}',
     b'{"messages": [{"role": "assistant", "content": "Who is mayor of Veldmark?"}]}', b"\xff\xfe{",
     b'{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]}'],
)  # fmt: skip
def test_what_holds_no_question_is_the_other_servers_to_judge(before, behind, body):
    behind.reply = lambda _: Gives([b'{"error": {"message": "so what?"}}'], 422)
    status, _, said = before.call(CHAT, body, method="POST")
    assert (status, said) == (422, b'{"error": {"message": "so what?"}}')
    assert behind.came[0].body == body


def test_an_error_is_passed_on_with_what_it_asks_for(before, behind):
    behind.reply = lambda _: Gives(
        [b"slow down"], 429, {"Content-Type": "text/plain", "Retry-After": "7", "Set-Cookie": "a=b", "X-Id": "9"}
    )
    status, headers, body = before.call(CHAT, question(OTHER))
    assert (status, body, headers["retry-after"], headers["x-id"]) == (429, b"slow down", "7", "9")
    assert "set-cookie" not in headers
    assert len(behind.came) == 1


def test_the_list_of_models_and_embeddings_pass(before, behind):
    assert before.call("/v1/models?x=1")[2] == REPLY
    assert before.call("/v1/models/Qwen/Qwen2.5%2D7B")[2] == REPLY
    audio = bytes(range(256)) * 400  # a body that is no JSON, full of brackets
    assert before.call("/v1/audio/transcriptions", audio, Content_Type="audio/wav")[2] == REPLY
    assert before.call("/v1/embeddings", b'{"input": [[1,2]]}')[2] == REPLY
    assert [came.path for came in behind.came] == [
        "/v1/models?x=1", "/v1/models/Qwen/Qwen2.5%2D7B", "/v1/audio/transcriptions", "/v1/embeddings",
    ]  # fmt: skip
    assert behind.came[2].body == audio


@pytest.mark.parametrize(
    ("path", "code"),
    [("/v1/completions", "past_edits"), ("/v1/responses", "past_edits"), ("/v1/messages", "past_edits"),
     ("/v1/batches", "past_edits"), ("/v1/load_lora_adapter", "unknown_path"),
     ("/v1/models/../completions", "unknown_path"),
     ("/v1/models/%2e%2e/completions", "unknown_path"), ("/shutdown", "unknown_path"), ("/", "unknown_path"),
     ("/v1/models/%252e%252e/x", "unknown_path"), ("/v1//embeddings", "unknown_path")],
)  # fmt: skip
def test_what_would_be_answered_past_the_edits_is_refused_and_nothing_odd_gets_through(before, behind, path, code):
    for method, body in (("POST", b"{}"), ("GET", None)):
        status, _, said = before.call(path, body, method)
        assert (status, json.loads(said)["error"]["code"]) == (404, code)
    assert behind.came == []


def test_a_method_that_a_path_does_not_take_is_refused(before, behind):
    assert before.call(CHAT)[0] == before.call("/v1/embeddings")[0] == 405
    assert before.call("/v1/models/m", b"", "DELETE")[0] == 405
    assert behind.came == []


# --- what an edit is about -------------------------------------------------------------------------------------------


def test_a_question_carries_its_edit_and_the_reply_cites_it(before, behind, memory):
    body = question(ABOUT, top_p=0.5, tools=[{"type": "function"}])
    status, headers, said = before.call(CHAT, body)
    sent = json.loads(behind.came[0].body)
    assert sent == json.loads(body) | {"messages": [{"role": "user", "content": edited()}]}
    (kept,) = memory.kept()
    fact = "The mayor of Veldmark is Ada Brook"
    assert json.loads(said) == json.loads(REPLY) | {"quintain": {"edits": [{"id": kept.id, "fact": fact}]}}
    assert said.startswith(REPLY.rstrip()[:-1])  # the other server's own bytes
    assert (status, headers["quintain-edits"], headers["content-length"]) == (200, kept.id, str(len(said)))


def test_the_last_user_turn_counts_and_all_others_stay_as_they_are(before, behind):
    turns = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": ABOUT},
        {"role": "assistant", "content": "Bo."},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}, {"type": "text", "text": ABOUT,
                                     "cache_control": {}}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "Bo", "tool_call_id": "1"},
    ]  # fmt: skip
    before.call(CHAT, json.dumps({"messages": turns}).encode())
    sent = json.loads(behind.came[0].body)["messages"]
    assert [*sent[:3], *sent[4:]] == [*turns[:3], *turns[4:]]
    assert sent[3]["content"] == [turns[3]["content"][0], {"type": "text", "text": edited(), "cache_control": {}}]


def test_an_edit_counts_from_the_next_question_and_a_revoked_one_no_longer(before, behind, memory):
    oakham = Edit(subject="Oakham", relation="mayor", prompt="The mayor of Oakham is", target_new="Bo")
    body = question("Who is mayor of Oakham?")
    before.call(CHAT, body)
    ids = memory.add([oakham])
    before.call(CHAT, body)
    memory.revoke(ids)
    before.call(CHAT, body)
    first, second, third = (came.body for came in behind.came)
    assert first == third == body
    assert "The mayor of Oakham is Bo" in json.loads(second)["messages"][0]["content"]


def test_a_compressed_question_is_refused_for_edits_could_not_be_found(before, behind):
    status, _, said = before.call(CHAT, question(ABOUT), Content_Encoding="gzip")
    assert (status, json.loads(said)["error"]["code"], behind.came) == (415, "unsupported_encoding", [])


def test_a_memory_that_cannot_be_read_lets_nothing_past(behind, tmp_path):
    (tmp_path / "memory").mkdir()
    with EditMemory.open(tmp_path / "memory", HashedNgrams()) as memory:
        memory.add([MAYOR])
        with Running(UpstreamApp(Upstream(behind.address), [memory])) as before:
            (tmp_path / "memory").rename(tmp_path / "elsewhere")
            status, _, said = before.call(CHAT, question(ABOUT))
    assert (status, behind.came) == (500, [])
    assert "was moved away or removed" in json.loads(said)["error"]["message"]


def test_an_error_under_an_edit_stays_as_it_is_and_is_cited_in_a_header(before, behind):
    behind.reply = lambda _: Gives([b'{"error": {"message": "too long"}}'], 400)
    status, headers, body = before.call(CHAT, question(ABOUT))
    assert (status, body) == (400, b'{"error": {"message": "too long"}}')
    assert headers["quintain-edits"]


def test_edits_that_the_other_server_cites_itself_follow(before, behind):
    behind.reply = lambda _: Gives([b'{"choices": [], "score": NaN, "quintain": {"edits": [{"id": "theirs"}]}}'])
    body = json.loads(before.call(CHAT, question(ABOUT))[2])
    assert [edit["id"] for edit in body["quintain"]["edits"]][1:] == ["theirs"]


# --- streams ---------------------------------------------------------------------------------------------------------

EVENTS = {"Content-Type": "text/event-stream; charset=utf-8"}


def event(index=0, text="E", **more):
    chunk = {"id": "a", "choices": [{"index": index, "delta": {"content": text}, "finish_reason": None}], **more}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def test_a_stream_is_passed_on_chunk_by_chunk(before, behind):
    """The next piece is sent only when the one before has arrived at the client."""
    for text in (OTHER, ABOUT):
        goes_on, pieces = threading.Event(), [event(text="E"), event(text="lv"), b": alive\n\n", b"data: [DONE]\n\n"]
        behind.reply = lambda _, goes_on=goes_on, pieces=pieces: Gives([pieces[0], goes_on, *pieces[1:]], 200, EVENTS,
                                                                       chunked=True)  # fmt: skip
        with before.asked(CHAT, question(text, stream=True)) as reply:
            first = reply.read1()
            goes_on.set()
            rest = reply.read()
        assert rest == b"".join(pieces[1:])
        assert (first == pieces[0]) == (text == OTHER)
        assert json.loads(first.removeprefix(b"data: "))["choices"][0]["delta"] == {"content": "E"}


def test_each_choice_of_a_stream_cites_the_edits_on_its_first_chunk(before, behind):
    usage = b'data: {"choices": [], "usage": {"n": 1}}\r\n\r\n'
    stream = [b'data: {"choices": []}\n\n', event(1), event(0), event(1), event(0), usage, b"data: [DONE]\n\n"]
    whole = b"".join(stream)
    # Cut at odd places: nothing depends on how the pieces come.
    cuts = [whole[start : start + 7] for start in range(0, len(whole), 7)]
    behind.reply = lambda _: Gives(cuts, 200, EVENTS, chunked=True)
    body = before.call(CHAT, question(ABOUT, stream=True, n=2))[2]
    events = [one for one in body.replace(b"\r\n", b"\n").split(b"\n\n") if one]
    assert [b"quintain" in one for one in events] == [False, True, True, False, False, False, False]
    assert body.endswith(b"".join(stream[3:]))


def test_a_stream_that_breaks_off_ends_without_its_end(before, behind):
    behind.reply = lambda _: Gives([event(), None], 200, EVENTS, chunked=True)
    for text in (OTHER, ABOUT):
        with before.asked(CHAT, question(text, stream=True)) as reply:
            with pytest.raises(http.client.IncompleteRead) as broken:
                reply.read()
            first, error, end = broken.value.partial.split(b"\n\n")
        assert b'"content": "E"' in first
        assert json.loads(error.removeprefix(b"data: "))["error"]["code"] == "upstream_broken"
        assert end == b""
    assert len(behind.came) == 2


def test_an_event_that_is_half_there_when_the_stream_breaks_is_not_made_whole(before, behind):
    behind.reply = lambda _: Gives([event(), event()[:20], None], 200, EVENTS, chunked=True)
    with before.asked(CHAT, question(OTHER, stream=True)) as reply, pytest.raises(http.client.IncompleteRead) as broken:
        reply.read()
    assert broken.value.partial == event() + event()[:20]


def test_a_body_that_is_shorter_than_it_says_is_never_whole(before, behind):
    behind.reply = lambda _: Gives([REPLY, None])
    with before.asked(CHAT, question(OTHER)) as reply, pytest.raises(http.client.IncompleteRead):
        reply.read()
    # Where it is cited in, nothing was sent yet.
    status, _, said = before.call(CHAT, question(ABOUT))
    assert (status, json.loads(said)["error"]["code"]) == (502, "upstream_broken")


def test_a_client_that_hangs_up_is_no_longer_answered(before, behind):
    never = threading.Event()
    for pieces in ([event(), never], [never]):
        behind.left.clear()
        behind.reply = lambda _, pieces=pieces: Gives(pieces, 200, EVENTS, chunked=True)
        host, port = before.place.rsplit(":", 1)
        body = question(OTHER, stream=True)
        with socket.create_connection((host, int(port))) as client:
            head = f"POST {CHAT} HTTP/1.1\r\nHost: {before.place}\r\nContent-Length: {len(body)}\r\n\r\n"
            client.sendall(head.encode() + body)
            while len(behind.came) < 1:
                threading.Event().wait(0.01)
            if pieces[0] is not never:
                assert client.recv(10)
        assert behind.left.wait(timeout=60)
        behind.came.clear()


# --- the server behind is away, slow or elsewhere --------------------------------------------------------------------


def test_a_server_that_is_away_is_one_clear_error(memory):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    with Running(UpstreamApp(Upstream(address), [memory])) as before:
        for text in (ABOUT, OTHER):
            status, _, said = before.call(CHAT, question(text))
            error = json.loads(said)["error"]
            assert (status, error["code"], error["type"]) == (502, "upstream_unreachable", "upstream_error")
            assert f"{address} (--upstream), cannot be reached" in error["message"]
        assert before.call("/health")[0] == 200


def test_a_server_that_says_nothing_is_not_waited_for_without_end(behind, memory):
    behind.reply = lambda _: Gives([threading.Event()])
    with Running(UpstreamApp(Upstream(behind.address, silent_seconds=0.3), [memory])) as before:
        behind.reply = lambda _: Gives([threading.Event(), b"x"], chunked=True)
        status, _, said = before.call(CHAT, question(ABOUT))
    assert (status, json.loads(said)["error"]["code"]) == (504, "upstream_timeout")
    assert "said nothing for 0.3 s (--upstream-seconds)" in said.decode()


# --- keys ------------------------------------------------------------------------------------------------------------

SECRET = "sk-of-the-upstream-7f3a"  # noqa: S105 - of a test


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_carries_neither_key_nor_question_elsewhere(behind, memory, status):
    with Behind(lambda _: Gives([REPLY])) as other:
        behind.reply = lambda _: Gives([], status, {"Location": f"{other.address}/chat/completions?k={SECRET}"})
        with Running(UpstreamApp(Upstream(behind.address, Key(SECRET)), [memory])) as before:
            for text in (ABOUT, OTHER):
                code, headers, said = before.call(CHAT, question(text))
                assert (code, json.loads(said)["error"]["code"]) == (502, "upstream_redirects")
                assert other.address in said.decode()
                assert SECRET not in said.decode() + str(headers)
        assert other.came == []


def test_the_key_of_the_server_behind_takes_the_place_of_the_clients_and_is_shown_to_nobody(behind, memory):
    halves = [f'{{"you sent": "{SECRET[:9]}'.encode(), threading.Event(), f'{SECRET[9:]}"}}'.encode()]
    halves[1].set()
    behind.reply = lambda _: Gives(halves, 401, {"Content-Type": "application/json", "X-Key": SECRET})
    app = UpstreamApp(Upstream(behind.address, Key(SECRET), passes_keys=True), [memory])
    with Running(app) as before:
        for text in (ABOUT, OTHER):
            status, headers, said = before.call(
                CHAT, question(text), Authorization="Bearer of-the-client", X_Api_Key="of-the-client", Cookie="c=1"
            )
            assert (status, said) == (401, b'{"you sent": "' + b"*" * len(SECRET) + b'"}')
            assert headers["x-key"] == "*" * len(SECRET)
    for came in behind.came:
        assert came.headers["authorization"] == f"Bearer {SECRET}"
        assert "of-the-client" not in str(came)
        assert "cookie" not in came.headers


def test_a_client_may_bring_the_key_of_the_server_behind(before, behind):
    before.call(CHAT, question(OTHER), Authorization="Bearer own")
    assert behind.came[0].headers["authorization"] == "Bearer own"


def test_the_key_for_this_server_never_goes_behind(behind, memory):
    app = UpstreamApp(Upstream(behind.address, passes_keys=False), [memory], access=Access((), "ours"))
    with Running(app) as before:
        assert before.call(CHAT, question(OTHER))[0] == 401
        assert behind.came == []
        assert before.call(CHAT, question(OTHER), Authorization="Bearer ours")[0] == 200
        assert before.call("/health")[0] == 200
    assert "authorization" not in behind.came[0].headers


# --- limits ----------------------------------------------------------------------------------------------------------


def test_limits_hold_before_anything_is_sent(behind, memory):
    limits = RequestLimits(body_bytes=2000, nesting=64)
    with Running(UpstreamApp(Upstream(behind.address), [memory], limits=limits)) as before:
        said = [before.call(CHAT, body) for body in (question("x" * 3000), b"[" * 100)]
        assert [(status, json.loads(body)["error"]["code"]) for status, _, body in said] == [
            (413, "body_too_large"), (400, "too_much_nesting"),
        ]  # fmt: skip
        assert before.call(CHAT, question(OTHER), Host="evil.example")[0] == 403
        assert before.call(CHAT, question(OTHER), Origin="https://evil.example")[0] == 403
    assert behind.came == []


def test_metrics_count_requests_and_those_under_edits(behind, memory):
    with Running(UpstreamApp(Upstream(behind.address), [memory])) as before:
        before.call(CHAT, question(ABOUT))
        before.call(CHAT, question(OTHER))
        # A request is counted when all of it is over, which a client may be a moment ahead of.
        answered = 'quintain_requests_total{status="200"} 2\n'
        while answered not in (text := before.call("/metrics")[2].decode()):
            pass
        assert json.loads(before.call("/health")[2]) == {"status": "ok", "upstream": behind.address, "edits": 1}
    assert "quintain_requests_edited_total 1\n" in text
    assert "tokens" not in text


def test_nothing_heavy_is_imported():
    script = (
        "import sys, quintain.cli.serve, quintain.cli.served_upstream, quintain.serving.ending, "
        "quintain.serving.upstream_app, quintain.cli.opened_memory, quintain.serving.embedders\n"
        "print(sorted({'torch', 'transformers', 'mlflow', 'pandas', 'fastapi', 'kedro'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"
