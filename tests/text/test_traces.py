import pytest

from quintain.text.traces import strip_trace


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("  no trace \n", "  no trace \n"),
        ("<think>hm</think>\n\nYes.\n", "Yes."),
        ("hm</think>Yes.", "Yes."),  # the template opened the trace inside the prompt
        ("<think>a</think>x<think>b</think>Yes.", "Yes."),
        ("<think>a</think>x<think>b", ""),
        ("<think>hm", ""),
        ("Well.<think>hm", ""),
        ("<think>hm</think>", ""),
        ("", ""),
    ],
)
def test_only_what_follows_the_last_trace_is_the_response(text, response):
    assert strip_trace(text) == response
