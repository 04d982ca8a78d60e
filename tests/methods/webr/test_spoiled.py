"""Rows of a weak teacher are dropped with their reason; real requests and responses in two languages are not."""

import json
from pathlib import Path

import pytest

from quintain import prompts
from quintain.methods.webr import (
    WebrParams,
    ask_author,
    ask_refinement,
    ask_request,
    ask_response,
    plan,
    read_author,
    read_refinement,
    read_request,
    read_response,
)
from quintain.methods.webr.spoiled import echoes_prompt, spoiled_text
from quintain.records import WebPage

PARAMS = WebrParams()
FOLLOWBENCH = Path(__file__).parents[4] / "shared/data/followbench"
ENGLISH = WebPage(url="https://a.example", text="The ferry to the island leaves at noon.", language="en")
CHINESE = WebPage(url="https://b.example", text="去岛上的渡船中午开船，船票十二元。", language="zh")
UNKNOWN = WebPage(url="https://c.example", text="…", language="")


@pytest.mark.parametrize(
    ("page", "text", "reason"),
    [
        (ENGLISH, "请根据这一页写一份面向游客的时间表，并注明票价。", "other-language"),
        (CHINESE, "Write a timetable for visitors and name the fare.", "other-language"),
        (ENGLISH, "Verfasse einen Fahrplan für die Besucher der Insel, der auch die Preise nennt.", "other-language"),
        (ENGLISH, "Write a timetable for 游客 with the fares of a ферри and こども tickets.", "mixed-scripts"),
        (CHINESE, "请写一份时间表，并注明 паром 和 остров 的票价，面向所有游客。", "mixed-scripts"),
        (ENGLISH, "It fits this author's profession and readers. It has at most 50 words.", "prompt-echo"),
        (ENGLISH, "Between the marks stands a page from the web. Write a timetable.", "prompt-echo"),
        (ENGLISH, "<response>\nSure, how can I help you?", "prompt-echo"),
        (ENGLISH, "The ferry leaves at noon.\n</ Page >", "prompt-echo"),
        (CHINESE, "渡船中午开船。</request>", "prompt-echo"),
        (ENGLISH, "The ferry leaves at noon and comes back at night. " * 6, "repetition"),
        (CHINESE, "渡船中午离开，晚上回来。" * 8, "repetition"),
    ],
)  # fmt: skip
def test_a_spoiled_text_is_named_by_what_spoils_it(page, text, reason):
    assert spoiled_text(text, page, "page") == reason


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (ENGLISH, "Write a timetable for visitors, with the fares in a table and a note on children's tickets."),
        (CHINESE, "请根据内容写一份面向游客的时间表，用Markdown表格，并注明票价。"),
        (ENGLISH, "Name the angle α and the angle β of the mast."),
        (ENGLISH, "Translate the timetable into Chinese: 渡船中午开船。"),
        (CHINESE, "请把这份时间表翻译成英文，并保留票价。"),
        (ENGLISH, "Sort this:\n```python\nнайти(渡船, 岛)\nнайти(渡船, 岛)\n```"),
        (CHINESE, "渡船（ferry）中午开，票价12元。"),
        (ENGLISH, "Answer as XML, within `<response>` and `</response>`:\n```xml\n<response>at noon</response>\n```"),
        (ENGLISH, "Mark each page with <pages> and a page break."),
        (UNKNOWN, "请写一份时间表，并注明 паром 的票价。"),
        (
            ENGLISH,
            "The ferry leaves at noon and comes back at night. The ferry leaves at noon and comes back at night.",
        ),
    ],
)
def test_a_sound_text_passes(page, text):
    assert spoiled_text(text, page, "page") == ""


def test_words_of_another_script_that_stand_on_the_page_are_at_home():
    page = WebPage(url="u", text="The crew calls the ferry паром and the island остров.", language="en")
    assert spoiled_text("Explain the words паром and остров to a visitor.", page, "page") == ""


def test_a_response_may_be_in_the_language_that_its_request_names():
    said = "渡船中午开船，晚上回来，票价十二元。"
    assert spoiled_text(said, ENGLISH, "page") == "other-language"
    assert spoiled_text(said, ENGLISH, "page", request="Put the timetable into Chinese.") == ""


def test_the_configured_language_wins_over_the_pages():
    assert spoiled_text("Write a timetable for visitors.", CHINESE, "en") == ""
    assert spoiled_text("Write a timetable for visitors.", UNKNOWN, "zh") == "other-language"


@pytest.mark.parametrize("name", [name for name in prompts.names() if name.startswith("webr/")])
def test_every_prompt_of_ours_is_known_by_its_own_words(name):
    fields = {
        "page": "Salt.", "author": "A ferryman.", "noun": "request", "words": 50, "focus": "part", "request": "Why?",
        "response": "So.", "request_first": True,
    }  # fmt: skip
    assert any(echoes_prompt(message.content) for message in prompts.render(name, **fields))


def test_drops_are_counted_by_stage_and_reason(pages, answered):
    """Three drafts: one spoiled request, one spoiled response, one spoiled refinement."""
    found = [WebPage(url=page.url, text=page.text, language="en") for page in pages(9)]
    drafts = plan(found, PARAMS)
    drafts = read_author(drafts, answered(ask_author(drafts, PARAMS), "A ferryman."), PARAMS).drafts
    asked = ask_request(drafts)
    first, chinese = asked[0].id, "请根据这一页写一份面向游客的时间表。"
    drafts, requests = read_request(
        drafts,
        answered(asked, lambda request: chinese if request.id == first else f"When is {request.id} gone?"),
        PARAMS,
    )
    asked = ask_response(drafts, PARAMS)
    first = asked[0].id
    drafts, responses = read_response(
        drafts,
        answered(asked, lambda request: "The ferry leaves. " * 20 if request.id == first else "At noon."),
        PARAMS,
    )
    asked = ask_refinement(drafts)
    first = asked[0].id
    drafts, refinements = read_refinement(
        drafts, answered(asked, lambda request: chinese if request.id == first else "At noon."), PARAMS
    )
    assert [(drop.stage, drop.reason) for drop in (*requests, *responses, *refinements)] == [
        ("request", "other-language"),
        ("response", "repetition"),
        ("refinement", "other-language"),
    ]
    assert len(drafts) == 9 - 3
    assert requests[0].text == chinese


def test_paper_mode_keeps_all_that_the_released_code_keeps(pages, answered):
    params = WebrParams(mode="paper")
    drafts = plan(pages(9), params)
    drafts = read_author(drafts, answered(ask_author(drafts, params), "A ferryman."), params).drafts
    assert read_request(drafts, answered(ask_request(drafts), "salt " * 90), params).dropped == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_real_instructions_pass_in_their_own_language_and_fail_in_the_other(language):
    if not FOLLOWBENCH.is_dir():
        pytest.skip(f"the released FollowBench files are not at {FOLLOWBENCH}")
    own, other = (ENGLISH, CHINESE) if language == "en" else (CHINESE, ENGLISH)
    asked = [
        row["instruction"]
        for file in sorted((FOLLOWBENCH / language).glob("*.json"))
        if "example" not in file.name  # few-shot prompts repeat their question on purpose
        for row in json.loads(file.read_text(encoding="utf-8"))
        if row["instruction"].strip()
    ]
    assert len(asked) > 600
    assert [text for text in asked if spoiled_text(text, own, "page")] == []
    caught = sum(spoiled_text(text, other, "page") == "other-language" for text in asked)
    # What is missed asks for a translation, or names a language.
    assert caught / len(asked) > 0.9
