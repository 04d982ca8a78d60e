"""Usage of a server is believed as far as the text bears it out, and never makes a call cheaper."""

import itertools

import pytest

from quintain.models.chat_completions import read_body
from quintain.models.reported_usage import read_usage
from quintain.usage import MOST_TOKENS, Usage

ODD = [
    None,
    -1,
    -(2**63),
    2**62 + 1,
    2**63,
    10**39,
    1.5,
    float("nan"),
    float("inf"),
    "twelve",
    "-12",
    "1.5",
    "1e9",
    "",
    True,
    False,
    [],
    {},
    [3],
]
NO_USAGE = [None, {}, [], "", 7, True, {"usage": {}}, {"cached_tokens": 4}]


@pytest.mark.parametrize("reported", NO_USAGE)
def test_usage_that_says_nothing_is_guessed(reported):
    # 400 bytes asked and 200 said, four bytes a token
    assert read_usage(reported, 400, 200) == (Usage(1, 100, 50), True)


@pytest.mark.parametrize(("read", "written"), [*itertools.product(ODD, [50, *ODD]), *((80, odd) for odd in ODD)])
def test_a_count_that_is_none_is_guessed_and_the_other_believed(read, written):
    usage, estimated = read_usage({"prompt_tokens": read, "completion_tokens": written}, 400, 200)
    assert estimated
    assert usage == Usage(1, 80 if read == 80 else 100, 50)


@pytest.mark.parametrize(
    ("counts", "usage", "estimated"),
    [
        ({"prompt_tokens": 90, "completion_tokens": 60, "total_tokens": 150}, Usage(1, 90, 60), False),
        # 4 tokens for 400 bytes are the fewest that can be
        ({"prompt_tokens": 4, "completion_tokens": 2}, Usage(1, 4, 2), False),
        ({"prompt_tokens": 3, "completion_tokens": 2}, Usage(1, 100, 2), True),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, Usage(1, 100, 50), True),
        # a total alone, above and below the guess of 150
        ({"total_tokens": 500}, Usage(1, 100, 400), True),
        ({"total_tokens": 5}, Usage(1, 100, 50), True),
        ({"total_tokens": -500}, Usage(1, 100, 50), True),
        # what a model thought is in the total alone; a total below its parts says nothing
        ({"prompt_tokens": 90, "completion_tokens": 60, "total_tokens": 350}, Usage(1, 90, 260), True),
        ({"prompt_tokens": 90, "completion_tokens": 60, "total_tokens": 10}, Usage(1, 90, 60), True),
        ({"prompt_tokens": 90, "completion_tokens": 60, "total_tokens": "150"}, Usage(1, 90, 60), False),
        # gateways that count in floats or texts
        ({"prompt_tokens": 90.0, "completion_tokens": "60"}, Usage(1, 90, 60), False),
        ({"prompt_tokens": "90.0", "completion_tokens": " 60 ", "total_tokens": 150.0}, Usage(1, 90, 60), False),
        ({"prompt_tokens": 90, "completion_tokens": 59.5}, Usage(1, 90, 50), True),
        # other names
        ({"input_tokens": 90, "output_tokens": 60}, Usage(1, 90, 60), False),
        ({"promptTokenCount": 90, "candidatesTokenCount": 60, "totalTokenCount": 150}, Usage(1, 90, 60), False),
        ({"prompt_tokens": None, "input_tokens": 90, "completion_tokens": 60}, Usage(1, 90, 60), False),
        ({"prompt_tokens": MOST_TOKENS + 1, "completion_tokens": 60}, Usage(1, 100, 60), True),
    ],
)
def test_counts_are_held_against_the_text_and_each_other(counts, usage, estimated):
    assert read_usage(counts, 400, 200) == (usage, estimated)


@pytest.mark.parametrize(
    "usage",
    ["{}", "null", "[]", '"x"', "7", '{"prompt_tokens": NaN}', '{"prompt_tokens": -Infinity}', '{"prompt_tokens": "x"}',
     '{"prompt_tokens": 1e400}', '{"prompt_tokens": ' + "9" * 5000 + "}", '{"completion_tokens": 4611686018427387905}',
     '{"prompt_tokens": true, "completion_tokens": -5}', '{"total_tokens": "\\ud800"}'],
)  # fmt: skip
def test_whatever_stands_in_usage_the_answer_is_kept(usage):
    body = f'{{"choices": [{{"message": {{"content": "Four score"}}, "finish_reason": "stop"}}], "usage": {usage}}}'
    reply = read_body(body.encode(), prompt_bytes=40)
    # 40 bytes asked and 10 said
    assert (reply.text, reply.finish_reason, reply.usage, reply.estimated) == (
        "Four score",
        "stop",
        Usage(1, 10, 3),
        True,
    )
