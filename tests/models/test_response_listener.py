"""Who waits for a response hears no reasoning, in whatever pieces it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.models.reasoning_style import ReasoningStyle
from quintain.models.response_listener import ResponseListener

THINKS = ReasoningStyle(tags=("<think>", "</think>"))
OPENED = ReasoningStyle(tags=("<think>", "</think>"), opened=True)
CHANNELS = ReasoningStyle(
    tags=("<|channel|>analysis<|message|>", "<|end|>"), response_mark="<|channel|>final<|message|>"
)


class Ear:
    gone = False

    def __init__(self):
        self.heard = ""
        self.whole = None

    def hear(self, text):
        self.heard += text

    def end(self, completion):
        self.whole = completion


@pytest.mark.parametrize(
    ("style", "text", "heard"),
    [
        (THINKS, "<think>plan</think>\n\nParis < Lyon.", "Paris < Lyon."),
        (THINKS, "Paris, </think> and all.", "Paris, </think> and all."),
        (THINKS, "<thin ice", "<thin ice"),
        (THINKS, "\n<think>plan", ""),
        (OPENED, "plan</think> Paris.", "Paris."),
        (OPENED, "plan", ""),
        (CHANNELS, "<|channel|>analysis<|message|>plan<|end|>x<|channel|>final<|message|>Paris.", "Paris."),
        (CHANNELS, "<|channel|>final<|message|>Paris.", "Paris."),
        (ReasoningStyle(), "<think> is a tag", "<think> is a tag"),
    ],
)
@given(data=st.data())
def test_the_response_alone_is_heard(style, text, heard, data):
    ear = Ear()
    listener = ResponseListener(ear, style)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1))))
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        listener.hear(text[start:end])
    assert ear.heard == heard
