"""Every parameter is honoured, or refused by its name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quintain.models.language_model import Sampling
from quintain.records import Message
from quintain.serving.chat_request import ChatRequest, fault

HELLO = [{"role": "user", "content": "Hello"}]


def read(**more):
    return ChatRequest.model_validate({"messages": HELLO, **more})


def refusal(**more):
    with pytest.raises(ValidationError) as refused:
        read(**more)
    return fault(refused.value.errors()[0])


def test_what_is_sent_is_how_tokens_are_drawn():
    asked = read(temperature=1, top_p=0.5, max_tokens=7, seed=3, n=2, stop="\n")
    assert asked.sampling(Sampling()) == Sampling(temperature=1, top_p=0.5, max_new_tokens=7, seed=3)
    assert (asked.n, asked.stop) == (2, ["\n"])
    assert read(max_completion_tokens=9).sampling(Sampling()).max_new_tokens == 9


def test_what_is_left_out_is_the_default_but_the_seed_is_new_each_time():
    default = Sampling(temperature=0.4, top_p=0.9, max_new_tokens=5, seed=1)
    drawn = [read(temperature=None).sampling(default) for _ in range(4)]
    assert {(one.temperature, one.top_p, one.max_new_tokens) for one in drawn} == {(0.4, 0.9, 5)}
    assert len({one.seed for one in drawn}) > 1


def test_content_in_parts_and_the_developer_role_are_read():
    parts = [{"type": "text", "text": "Hello"}, {"type": "text", "text": ", you"}]
    asked = read(messages=[{"role": "developer", "content": "Be kind."}, {"role": "user", "content": parts}])
    assert asked.chat == [Message(role="system", content="Be kind."), Message(role="user", content="Hello, you")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("top_k", 5),
        ("frequency_penalty", 0.5),
        ("logit_bias", {"5": 1}),
        ("response_format", {"type": "json_object"}),
        ("tools", [{"type": "function"}]),
        ("logprobs", True),
        ("min_p", True),
        ("banana", 1),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(name, value):
    message, param, code = refusal(**{name: value})
    assert (param, code) == (name, "unsupported_parameter")
    assert name in message


@given(st.text(min_size=1).filter(lambda name: name not in ChatRequest.model_fields), st.integers(2, 9))
def test_no_unknown_parameter_is_ignored(name, value):
    assert refusal(**{name: value})[1] == name


def test_parameters_that_ask_for_nothing_pass():
    read(
        frequency_penalty=0.0, presence_penalty=0, top_k=-1, logprobs=False, tools=[], tool_choice="none",
        response_format={"type": "text"}, logit_bias=None, user="me",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("temperature", 2.1),
        ("temperature", float("nan")),
        ("temperature", "1"),
        ("top_p", 0),
        ("max_tokens", 0),
        ("max_tokens", True),
        ("n", 0),
        ("n", 129),
        ("seed", 1 << 63),
        ("messages", []),
        ("stop", ["\n"] * 17),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(param, value):
    assert refusal(**{param: value})[1] == param


def test_a_fault_names_its_place():
    assert refusal(messages=[{"role": "user", "content": [{"type": "image_url"}]}])[1] == "messages.0.content.0.type"
    assert refusal(messages=[{"role": "tool", "content": "x"}])[1] == "messages.0.role"
    assert refusal(messages=[{**HELLO[0], "name": "Bo"}])[1] == "messages.0.name"
    assert refusal(stop=["a", ""])[1] == "stop.1"
    assert "last of the messages" in refusal(messages=[{"role": "assistant", "content": "Hi"}])[0]
    assert "send one" in refusal(max_tokens=3, max_completion_tokens=4)[0]
