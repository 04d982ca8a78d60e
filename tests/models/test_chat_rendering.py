"""A chat renders to the same text on every day, with its system turn, whatever the template takes."""

from datetime import datetime

import pytest

from quintain.models.chat_rendering import ChatRenderer
from tests.templates import names, tokenizer_for

CHAT = [
    {"role": "system", "content": "Speak softly."},
    {"role": "user", "content": "Who rules?"},
    {"role": "assistant", "content": "The mayor."},
    {"role": "user", "content": "Is she kind?"},
]


@pytest.mark.parametrize("name", names())
def test_no_turn_is_lost(name):
    rendered = ChatRenderer(tokenizer_for(name)).render(CHAT, add_generation_prompt=True)
    assert all(rendered.count(turn["content"]) == 1 for turn in CHAT)


@pytest.mark.parametrize("name", ["refuses a system turn", "leaves a system turn out", "gemma"])
def test_a_system_turn_that_a_template_does_not_take_goes_to_the_user_turn(name):
    renderer = ChatRenderer(tokenizer_for(name))
    assert not renderer.takes_system
    assert "Speak softly.\n\nWho rules?" in renderer.render(CHAT)


@pytest.mark.parametrize(("name", "date"), [
    ("llama3_2", "26 Jul 2024"), ("tells the date", "26 Jul 2024"), ("gptoss", "2024-07-26"),
    ("muse_glimmer", "2024-07-26"),
])  # fmt: skip
def test_it_is_always_the_same_day(name, date):
    rendered = ChatRenderer(tokenizer_for(name)).render(CHAT[1:2])
    assert date in rendered
    assert f"{datetime.now():%Y-%m-%d}" not in rendered
    assert f"{datetime.now():%d %b %Y}" not in rendered


def test_the_pinned_day_changes_nothing_else_of_a_template():
    source = "\n {{ strftime_now('%-d. %B %y, %j, 100%') }}\n{{ messages[0].content }}\n"
    tokenizer = tokenizer_for("phi3")
    assert tokenizer.apply_chat_template(CHAT, chat_template=source, tokenize=False).startswith("\n ")
    tokenizer.chat_template, before = source, tokenizer.chat_template
    try:
        # 26 July was day 208 of 2024, a leap year: 182 days to the end of June and 26.
        assert ChatRenderer(tokenizer).render(CHAT[1:2]) == "\n 26. July 24, 208, 100%\nWho rules?"
    finally:
        tokenizer.chat_template = before
