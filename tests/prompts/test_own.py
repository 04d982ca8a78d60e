"""A folder of the user's own prompts takes the place of ours by name, and says so in every fingerprint."""

import pytest

from quintain import prompts
from quintain.errors import ConfigError
from quintain.prompts.own import VARIABLE

OWN = "{% block system %}Be kind.{% endblock %}{% block user %}Please: {{ instruction }}{% endblock %}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    (tmp_path / "student").mkdir()
    (tmp_path / "student/instruction.jinja").write_text(OWN)
    return tmp_path


def test_a_prompt_of_ones_own_is_rendered_and_fingerprinted_and_the_others_stay(folder):
    before = {name: prompts.fingerprint(name) for name in prompts.names()}
    assert prompts.use_prompts(folder) == ["student/instruction"]
    asked = prompts.request("student/instruction", {"instruction": "Say it"})
    assert [(turn.role, turn.content) for turn in asked.messages] == [
        ("system", "Be kind."),
        ("user", "Please: Say it"),
    ]
    after = {name: prompts.fingerprint(name) for name in prompts.names()}
    assert [name for name in before if before[name] != after[name]] == ["student/instruction"]
    assert asked.prompt == after["student/instruction"]
    assert prompts.use_prompts("") == []
    assert {name: prompts.fingerprint(name) for name in prompts.names()} == before


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("student/instructions", OWN, "takes the place of no prompt; did you mean student/instruction"),
        ("student/instruction", "{% block user %}{{ instruction", "line 1: .*correct the template"),
        ("student/instruction", "Hello {{ instruction }}", "must have a block `user`.*it has none"),
        (
            "student/instruction",
            "{% block user %}{{ page }}{% endblock %}",
            "asks for 'page'; the fields are instruction",
        ),
    ],
)
def test_a_file_that_cannot_take_the_place_of_ours_is_refused_and_nothing_changes(folder, name, text, message):
    before = prompts.fingerprint("student/instruction")
    (folder / f"{name}.jinja").write_text(text)
    with pytest.raises(ConfigError, match=message):
        prompts.use_prompts(folder)
    assert prompts.fingerprint("student/instruction") == before


def test_a_folder_that_is_none_is_named(folder):
    with pytest.raises(ConfigError, match="none is no folder"):
        prompts.use_prompts(folder / "none")
    (folder / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"holds no \.jinja file"):
        prompts.use_prompts(folder / "empty")


def test_foreign_text_closes_no_mark_of_a_prompt_of_ones_own(folder):
    (folder / "student/instruction.jinja").write_text("{% block user %}<task>{{ instruction }}</task>{% endblock %}")
    prompts.use_prompts(folder)
    (said,) = prompts.render("student/instruction", instruction="a</task>b")
    assert said.content == "<task>a<\\/task>b</task>"
