"""A reply may be anything: it costs at most its row, a limited amount of memory, and never the run."""

import gzip
import json
import tracemalloc
import zlib

import pytest

from quintain.errors import ConfigError
from quintain.models import reply_body, retries
from quintain.models.budget import Budget
from quintain.models.chat_completions import read_body
from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.http_session import proxy_of
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.ledgered_model import LedgeredModel
from quintain.models.refusals import reason_in, status_in
from quintain.models.spending import SharedMeter
from quintain.models.structured import ReplySchema
from quintain.prompts import request
from quintain.usage import Usage
from tests.endpoint_server import EndpointServer, Said, said

DEEP = 100_000


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch):
    monkeypatch.setattr(retries, "_FIRST_SECONDS", 0.01)


def ask(*texts):
    return [request("student/instruction", {"instruction": text}) for text in texts]


def asked(server, **settings):
    settings = EndpointSettings(address=server.address, model="m", attempts=2, **settings)
    return EndpointModel(settings, Sampling(max_new_tokens=16))


def raw_deflate(data):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


ENCODINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "x-gzip": gzip.compress, "raw": raw_deflate}


def encoded(body, how):
    return Said(body=ENCODINGS[how](body), headers={"Content-Encoding": how.replace("raw", "deflate")})


@pytest.mark.parametrize("how", ENCODINGS)
def test_a_deflated_reply_is_read(how):
    with EndpointServer(lambda _: encoded(said("Four score " * 500).body, how)) as server:
        (done,) = asked(server).generate(ask("hi"))
    assert done.text == "Four score " * 500


def test_a_reply_of_several_gzip_members_is_read():
    body = said("Four score").body
    parts = gzip.compress(body[:20], mtime=0) + gzip.compress(body[20:])
    with EndpointServer(lambda _: Said(body=parts, headers={"Content-Encoding": "gzip"})) as server:
        assert asked(server).generate(ask("hi"))[0].text == "Four score"


@pytest.mark.parametrize("how", ENCODINGS)
def test_a_reply_that_inflates_without_limit_is_bounded(how, monkeypatch):
    monkeypatch.setattr(reply_body, "MOST_REPLY_BYTES", 100_000)
    monkeypatch.setattr(reply_body.read_reply_body, "__defaults__", (100_000,))
    bomb = encoded(b" " * 60_000_000, how)
    with EndpointServer(lambda call: bomb if call.prompt == "bomb" else said("x")) as server:
        tracemalloc.start()
        first, second = asked(server, concurrency=1).generate(ask("bomb", "hi"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert first.finish_reason == "error"
    assert "longer than 100,000 bytes (MOST_REPLY_BYTES)" in first.text
    assert second.text == "x"
    assert len(server.calls) == 2  # asking again would bring another of its kind
    assert peak < 20_000_000


def test_a_long_reply_is_bounded_as_it_is(monkeypatch):
    monkeypatch.setattr(reply_body.read_reply_body, "__defaults__", (100_000,))
    with EndpointServer(lambda _: said("x" * 200_000)) as server:
        (done,) = asked(server).generate(ask("hi"))
    assert "longer than 100,000 bytes" in done.text


def test_an_encoding_that_was_not_asked_for_is_an_error_of_the_row():
    with EndpointServer(lambda _: Said(body=b"\x0b\x02\x80x\x03", headers={"Content-Encoding": "br"})) as server:
        (done,) = asked(server).generate(ask("hi"))
    assert done.text == "the reply is encoded as 'br', and gzip, deflate were asked for"
    assert server.calls[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("how", ["gzip", "deflate"])
def test_a_deflated_reply_that_is_cut_or_damaged_is_asked_again(how):
    whole = ENCODINGS[how](said("Four score " * 50).body)

    def reply(call):
        broken = whole[:-9] if call.prompt == "cut" else whole[:20] + b"\xff" * 8 + whole[28:]
        return Said(body=broken if call.attempt == 1 else whole, headers={"Content-Encoding": how})

    with EndpointServer(reply) as server:
        assert [done.finish_reason for done in asked(server).generate(ask("cut", "damaged"))] == ["stop", "stop"]
    assert len(server.calls) == 4


NESTED = [
    b"[" * DEEP,
    b'{"a":' * DEEP,
    b'{"choices": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    b'{"error": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    b'{"usage": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
]
FOREIGN = [
    b'{"choices": [{"message": {"content": "\xff\xfe"}, "finish_reason": "stop"}]}',
    said("x").body.decode().encode("utf-16"),
    b'{"choices": [{"message": {"content": "\xe9t\xe9"}, "finish_reason": "stop"}]}',
]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("body", NESTED + FOREIGN, ids=lambda body: repr(body[:14]))
def test_a_body_that_no_reader_takes_costs_its_row_and_not_the_run(body, status, tmp_path):
    with EndpointServer(lambda call: Said(status, body) if call.prompt == "odd" else said("x")) as server:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        first, second = LedgeredModel(asked(server), ledger, "teacher").generate(ask("odd", "hi"))
    assert first.finish_reason == "error"
    assert second.text == "x"
    assert first.prompt_tokens >= 0


@pytest.mark.parametrize("body", NESTED)
def test_nested_bodies_are_read_nowhere(body):
    assert status_in(b'"error"' + body) == 200
    assert reason_in(body)


def test_half_a_surrogate_pair_in_a_reply_is_replaced_and_kept(tmp_path):
    body = b'{"choices": [{"message": {"content": "a \\ud83d b \\ud83d\\ude00"}, "finish_reason": "stop"}]}'
    assert read_body(body, 0).text == "a \ufffd b 😀"
    with EndpointServer(lambda _: Said(body=body)) as server:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        LedgeredModel(asked(server), ledger, "teacher").generate(ask("hi"))
        LedgeredModel(asked(server), ledger, "teacher").generate(ask("hi"))
    assert len(server.calls) == 1


def test_half_a_surrogate_pair_in_a_chat_is_an_error_of_its_row():
    with EndpointServer(lambda _: said("x")) as server:
        odd, fine = asked(server).generate(ask("a \ud83d b", "hi"))
    assert (odd.finish_reason, fine.text) == ("error", "x")
    assert "half a surrogate pair" in odd.text


def test_a_structured_reply_may_hold_anything():
    schema = ReplySchema("p", {"type": "object", "properties": {"n": {"multipleOf": 0.1}}})
    assert schema.fault("[" * DEEP) == "it is nested too deeply"
    assert schema.fault('{"n": ' + "9" * 400 + "}")
    assert schema.fault('{"a":' * 500 + "1" + "}" * 500) in ("", "it is nested too deeply")


def test_three_hundred_calls_that_count_nothing_keep_to_the_budget(tmp_path):
    usages = [{}, {"total_tokens": 500}, {"prompt_tokens": None}, {"prompt_tokens": -900, "completion_tokens": -900}]
    with EndpointServer(lambda call: said("word " * 20, usage=usages[call.order % 4])) as server:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        settings = EndpointSettings(address=server.address, model="m", budget=Budget(tokens=3000))
        meter = SharedMeter(ledger, "teacher", settings.name, settings.budget)
        model = EndpointModel(settings, Sampling(max_new_tokens=32), meter=meter)
        with pytest.raises(ConfigError.__mro__[1], match="does not hold one more call"):
            LedgeredModel(model, ledger, "teacher").generate(ask(*map(str, range(300))))
        # A hundred bytes are 25 tokens, and each fourth call says 500 in all.
        assert 10 < len(server.calls) < 40
        assert ledger.spent("teacher", settings.name).tokens <= 3000 + 500 * 8


def test_replies_that_count_beyond_all_bounds_leave_the_ledger_whole(tmp_path):
    counts = [2**62 + 1, 2**62 + 1, 2**63, 2**64, 10**30, -(2**63)]
    reply = lambda call: said("x", usage={"prompt_tokens": counts[int(call.prompt)], "completion_tokens": 1})  # noqa: E731
    with EndpointServer(reply) as server:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        done = LedgeredModel(asked(server), ledger, "teacher").generate(ask(*"012345"))
        assert [one.origin.knobs for one in done] == [{"usage": "estimated"}] * 6
        assert ledger.spent("teacher", asked(server).name) == Usage(6, 6, 6)


@pytest.mark.parametrize(
    "proxy",
    ["localhost:3128", "proxy.example:8080", "//proxy:1", "socks5://proxy:1080", "http://", "http://proxy:port", "ftp://p",
     "http://proxy:99999", "http://[::1", f"http://{'a' * 70}.example:1", "user:secret@proxy:3128"],
)  # fmt: skip
def test_a_proxy_that_is_none_is_a_setting_to_mend_and_nothing_is_spent(monkeypatch, proxy, tmp_path):
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    settings = EndpointSettings(address="http://endpoint.example/v1", model="m")
    meter = SharedMeter(ledger, "teacher", settings.name, settings.budget)
    with pytest.raises(ConfigError, match=r"http_proxy .* names no proxy that can be used") as caught:
        EndpointModel(settings, Sampling(), meter=meter).generate(ask("hi"))
    assert "secret" not in str(caught.value)
    assert ledger.spent("teacher", settings.name) == Usage()
    assert not meter.is_waiting()


def test_a_proxy_that_is_one_is_taken(monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.example:3128/")
    assert proxy_of("https://endpoint.example/v1") == "http://user:secret@proxy.example:3128/"


@pytest.mark.parametrize(
    "address", [f"http://{'a' * 64}.com/v1", "http://a..b/v1", "http://host:99999/v1", "http://host:0/v1"]
)
def test_an_address_that_no_host_can_have_is_refused_before_anything_is_asked(address):
    with pytest.raises(ValueError, match="address names no host that can be"):
        EndpointSettings(address=address, model="m")


def test_an_answer_is_worth_more_than_a_usage_that_is_no_json():
    body = json.dumps({"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": float("nan")}}).encode()
    assert read_body(body, 4).text == "x"
