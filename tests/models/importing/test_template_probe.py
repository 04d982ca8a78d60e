"""Chat templates behave as the probe says: those that ship with TRL, and some that we wrote."""

import re
from pathlib import Path

import pytest
import trl
from transformers.utils.chat_template_utils import render_jinja_template

from quintain.models.importing.template_probe import TemplateBehaviour, probe_template

BOS, EOS = "<bos>", "<eos>"
SHIPPED = Path(trl.__file__).parent / "chat_templates"
ALL = {path.stem for path in SHIPPED.glob("*.jinja")}
VISION = {name for name in ALL if name.startswith(("idefics3", "llava_next", "smolvlm"))}  # want parts, not a text


def render(template, messages, generation, variables):
    rendered, _ = render_jinja_template(
        [list(messages)],
        chat_template=template,
        add_generation_prompt=generation,
        bos_token=BOS,
        eos_token=EOS,
        **variables,
    )
    return rendered[0]


def probe(template) -> TemplateBehaviour:
    marks = set(re.findall(r"<\|?[\w｜▁]+\|?>", template)) | {BOS, EOS}
    return probe_template(template, render, BOS, marks)


def shipped(name) -> TemplateBehaviour:
    return probe((SHIPPED / f"{name}.jinja").read_text(encoding="utf-8"))


TURNS = (
    "{{ bos_token }}{% for m in messages %}{{ '<' + m['role'] + '>' + m['content'] + '<end>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
)


# --- ours, each with one peculiarity -------------------------------------------------------------------------------


def test_a_plain_template_keeps_everything():
    assert probe(TURNS) == TemplateBehaviour(
        system="own turn", preamble="", takes_history=True, begins_with_bos=1, stable_prefix=True, keeps_history=True,
        keeps_text=True, before_response="", response_end="<end>", end_mark="<end>", date="", reasoning_tags=None,
        opens_reasoning=False, reasoning_switch="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("{{ raise_exception('System role not supported') }}", "refused"),
        ("{% set ns.text = m['content'] + '\\n\\n' %}", "merged into the user turn"),
        ("{{ '<system>' + m['content'] }}", "own turn"),
        ("", "left out"),
    ],
)
def test_the_place_of_a_system_turn(system, expected):
    template = (
        "{% set ns = namespace(text='') %}{% for m in messages %}{% if m['role'] == 'system' %}" + system + "{% else %}"
        "{{ '<' + m['role'] + '>' + ns.text + m['content'] + '<end>' }}{% set ns.text = '' %}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
    )
    assert probe(template).system == expected


@pytest.mark.parametrize(("front", "times"), [("", 1), ("{{ bos_token }}", 2)])
def test_the_beginning_of_a_sequence_is_counted(front, times):
    assert probe(front + TURNS).begins_with_bos == times
    assert probe(TURNS.replace("{{ bos_token }}", front)).begins_with_bos == times - 1


def test_a_preamble_is_what_stands_before_the_first_turn_unasked():
    unasked = "{% if messages[0]['role'] != 'system' %}{{ '<system>Be kind.<end>' }}{% endif %}"
    behaviour = probe(TURNS.replace("{{ bos_token }}", "{{ bos_token }}" + unasked))
    assert behaviour.preamble == "<system>Be kind."
    assert behaviour.system == "own turn"


def test_a_template_that_refuses_a_second_question_takes_no_history():
    once = "{% if messages | length > 2 %}{{ raise_exception('one question only') }}{% endif %}"
    behaviour = probe(once + TURNS)
    assert not behaviour.takes_history
    assert behaviour.stable_prefix


def test_reasoning_that_the_prompt_opens_makes_the_prefix_change():
    behaviour = probe(TURNS.replace("'<assistant>'", "'<assistant><think>\\n'"))
    assert behaviour.reasoning_tags == ("<think>", "</think>")
    assert behaviour.opens_reasoning
    assert not behaviour.stable_prefix


def test_tags_that_a_template_cuts_traces_at_are_named_and_text_about_them_is_known_to_change():
    cutting = TURNS.replace("m['content'] + '<end>'", "m['content'].split('</think>')[-1] + '<end>'")
    behaviour = probe(cutting.replace("'<assistant>'", "'<assistant><think>\\n'"))
    assert behaviour.reasoning_tags == ("<think>", "</think>")
    assert behaviour.opens_reasoning
    assert not behaviour.keeps_text


def test_the_clock_is_found_out_whatever_its_format():
    dated = "{{ strftime_now('%A') }}" + TURNS
    assert probe(dated).date == "today"
    assert probe("{% if false %}{{ strftime_now('%A') }}{% endif %}" + TURNS).date == ""
    assert probe("{{ 'Today: 26 Jul 2024' }}" + TURNS).date == "26 Jul 2024"


def test_a_response_without_an_end_is_seen():
    behaviour = probe(TURNS.replace(" + '<end>'", ""))
    assert (behaviour.response_end, behaviour.end_mark) == ("", "")


def test_a_switch_of_reasoning_is_named():
    switched = TURNS.replace(
        "'<assistant>'", "'<assistant>' + ('' if enable_thinking | default(true) else '<think></think>')"
    )
    assert probe(switched).reasoning_switch == "enable_thinking"


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('no') }}",
        "{% for m in messages %}",
        "{{ messages[0]['content'][0]['text'] }}",
        "Hello.",
        "{{ messages[0]['content'] }}",
    ],
)
def test_a_template_that_takes_no_chat_is_an_error(template):
    with pytest.raises(ValueError, match="the chat template (does not take|leaves a turn out)"):
        probe(template)


# --- those of others -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(ALL - VISION))
def test_every_shipped_template_is_probed(name):
    behaviour = shipped(name)
    assert behaviour.takes_history
    assert behaviour.system in ("own turn", "merged into the user turn", "refused")


@pytest.mark.parametrize("name", sorted(VISION))
def test_templates_for_parts_are_refused_as_such(name):
    with pytest.raises(ValueError, match="the chat template (does not take|leaves a turn out)"):
        shipped(name)


def test_known_templates_behave_as_their_families_do():
    assert shipped("gemma").system == "refused"
    assert shipped("gemma3").system == "merged into the user turn"
    assert shipped("llama3").system == "own turn"
    assert shipped("gemma3").end_mark == "<end_of_turn>"
    assert shipped("llama3").begins_with_bos == 1
    assert shipped("llama3_1").date == "26 Jul 2024"
    assert shipped("llama3_2").date == "today"
    assert shipped("qwen2_5").preamble.startswith("<|im_start|>system\nYou are Qwen")
    assert shipped("glm4moe").end_mark == ""
    for name in ("deepseekv3", "nemotron_3_nano", "nemotron_3_super", "nemotron_3_ultra"):
        assert not shipped(name).stable_prefix
    for name in ("qwen3_5_think", "qwen3_6", "deepseekv3", "nemotron_3_nano"):
        assert shipped(name).opens_reasoning
    assert shipped("gptoss").reasoning_tags == ("<|channel|>analysis", "<|end|>")
    assert not shipped("qwen3").keeps_history
    assert shipped("qwen3").before_response == "<think>\n\n</think>\n\n"
    assert shipped("qwen3").reasoning_switch == "enable_thinking"
