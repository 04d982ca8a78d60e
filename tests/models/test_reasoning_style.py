"""Marks of a model's reasoning: by the report of its import, else by its template."""

import json

import pytest

from quintain.models.chat_rendering import ChatRenderer
from quintain.models.folder import MODEL_REPORT
from quintain.models.reasoning_style import ReasoningStyle, reasoning_style
from tests.templates import tokenizer_for


@pytest.mark.parametrize(
    ("name", "tags", "opened"),
    [
        ("qwen2_5", None, False),
        ("qwen3", ("<think>", "</think>"), False),
        ("qwen3_5_think", ("<think>", "</think>"), True),
        ("glm4moe", ("<think>", "</think>"), False),
        ("deepseek_r1_distill", ("<think>", "</think>"), True),
        ("gptoss", ("<|channel|>analysis<|message|>", "<|end|>"), False),
        ("muse_glimmer", ("to=self<|message|>", "<|eom|><|start|>assistant"), False),
    ],
)
def test_the_template_shows_its_marks(name, tags, opened):
    style = reasoning_style(ChatRenderer(tokenizer_for(name)))
    assert (style.tags, style.opened) == (tags, opened)


def test_the_report_of_an_import_has_the_last_word(tmp_path):
    renderer = ChatRenderer(tokenizer_for("qwen3"))
    report = tmp_path / MODEL_REPORT
    report.write_text(json.dumps({"template": {"reasoning_tags": ["<plan>", "</plan>"]}}))
    style = reasoning_style(renderer, tmp_path)
    assert style.tags == ("<plan>", "</plan>")
    assert style.written("<plan>Who?</plan>The mayor.") == "<think>\nWho?\n</think>\n\nThe mayor."
    report.write_text("{}")
    assert reasoning_style(renderer, tmp_path).tags == ("<think>", "</think>")


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("I should count the words. First,", "<think>\nI should count the words. First,"),
        ("I count.\n</think>\n\nFive.", "<think>\nI count.\n</think>\n\nFive."),
        ("</think>Five.", "Five."),
    ],
)
def test_a_trace_that_the_prompt_opened_is_written_out(raw, written):
    style = ReasoningStyle(tags=("<think>", "</think>"), opened=True)
    assert style.written(raw) == written


def test_a_model_without_marks_is_kept_as_it_is():
    assert ReasoningStyle().written("<think>x") == "<think>x"
