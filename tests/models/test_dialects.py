"""Chats are written in the dialect of an endpoint, with what it refuses left out or named otherwise."""

import json

import msgspec
import pytest

from quintain.models.dialects import DIALECTS, dialect_of, most_usage, write_body
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.records import Message
from quintain.usage import Price, Usage

CHAT = [Message(role="system", content="Be brief."), Message(role="user", content="Hi")]


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        ("standard", {"max_tokens": 9, "seed": 3, "temperature": 0.5, "top_p": 1.0}),
        ("reasoning", {"max_completion_tokens": 9}),
        ("mistral", {"max_tokens": 9, "random_seed": 3, "temperature": 0.5, "top_p": 1.0}),
        ("no-system", {"max_tokens": 9, "seed": 3, "temperature": 0.5, "top_p": 1.0}),
    ],
)
def test_a_dialect_names_limit_seed_and_draw_in_its_way(dialect, fields):
    sampling = Sampling(temperature=0.5, max_new_tokens=9)
    body = json.loads(write_body("m", CHAT, sampling, 3, DIALECTS[dialect], {"top_k": 1}))
    turns = body.pop("messages")
    assert body == {"model": "m", "top_k": 1, **fields}
    if dialect == "no-system":
        assert turns == [{"role": "user", "content": "Be brief.\n\nHi"}]
    else:
        assert [turn["role"] for turn in turns] == ["developer" if dialect == "reasoning" else "system", "user"]


def settings(**given):
    return msgspec.convert({"address": "http://x/v1", "model": "m", **given}, EndpointSettings)


def written(**given):
    sampling = Sampling(temperature=0.5, top_p=0.9, max_new_tokens=9)
    return json.loads(write_body("m", CHAT, sampling, 3, dialect_of(settings(**given)), {}))


def test_what_is_omitted_is_not_sent_and_what_is_renamed_has_its_name():
    body = written(omit=["top_p", "seed"], rename={"max_tokens": "max_completion_tokens", "system": "developer"})
    turns = body.pop("messages")
    assert body == {"model": "m", "max_completion_tokens": 9, "temperature": 0.5}
    assert [turn["role"] for turn in turns] == ["developer", "user"]


def test_a_system_turn_that_is_omitted_joins_the_first_user_turn():
    assert written(omit=["system"])["messages"] == [{"role": "user", "content": "Be brief.\n\nHi"}]


def test_own_changes_add_to_those_of_the_dialect_and_a_name_brings_a_field_back():
    body = written(dialect="anthropic", omit=["temperature"], rename={"top_p": "top_p"})
    assert {"model", "messages", "max_tokens", "top_p"} == set(body)
    assert set(written(dialect="gemini")) == {"model", "messages", "max_tokens", "temperature", "top_p"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"omit": ["seeds"]}, "omit"),
        ({"rename": {"max_new_tokens": "x"}}, "rename"),
        ({"omit": ["seed"], "rename": {"seed": "random_seed"}}, "omit and rename name seed both"),
        ({"rename": {"seed": " "}}, "rename.seed is empty; to leave a field out, name it in `omit`"),
        ({"rename": {"seed": "top_p"}}, "gives the name top_p, which another field has already"),
        ({"rename": {"seed": "top_k"}, "extra": {"top_k": 3}}, "gives the name top_k"),
        ({"omit": ["max_tokens"], "budget": {"tokens": 9}}, "nothing would bound what a call costs"),
        ({"mode": "batch", "extra": {"stream": True}}, "a batch is no stream"),
        ({"mode": "batches"}, "mode"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(given, message):
    with pytest.raises(msgspec.ValidationError, match=message):
        settings(**given)


def test_own_changes_are_part_of_the_identity_and_none_leaves_it_as_it_was():
    plain = settings()
    assert plain.name == settings(mode="batch", concurrency=3).name == "openai:m@" + plain.name.rpartition("@")[2]
    assert len({plain.name, settings(omit=["seed"]).name, settings(rename={"seed": "random_seed"}).name}) == 3
    assert settings(omit=["seed", "top_p"]).name == settings(omit=["top_p", "seed"]).name


def test_a_batch_costs_half():
    price = {"input": 2.0, "output": 8.0}
    assert settings(price=price).paid_price == Price(input=2, output=8)
    assert settings(price=price, mode="batch").paid_price == Price(input=1, output=4)
    assert settings(mode="batch").paid_price is None


def test_a_call_costs_at_most_a_token_for_each_byte_and_sixteen_for_each_turn():
    # 9 + 16 and 2 + 16
    assert most_usage(CHAT, Sampling(max_new_tokens=7)) == Usage(1, 43, 7)
