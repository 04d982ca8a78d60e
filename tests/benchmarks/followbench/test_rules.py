import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.benchmarks.followbench import corrected_en, corrected_zh, upstream_en, upstream_zh
from quintain.benchmarks.followbench.rules import check_constraints, judge_by_rules
from quintain.records import ConstraintItem, Rule
from tests.growth import HOSTILE_UNITS, assert_grows_in_proportion

_TARGETS = {"CONLL2003": "['Bonn', 'Germany']", "example": "{instruction}\nBOT: {answer}", "BBH_logical": "(B)"}
_TABLES = {
    ("upstream-parity", "en"): upstream_en.CHECKS,
    ("upstream-parity", "zh"): upstream_zh.CHECKS,
    ("corrected", "en"): corrected_en.CHECKS,
    ("corrected", "zh"): corrected_zh.CHECKS,
}
_EVERY_CHECK = [(rules, language, name) for (rules, language), table in _TABLES.items() for name in table]


def _item(check: str, level: int, language: str = "en", **fields: object) -> ConstraintItem:
    return ConstraintItem(
        **{
            "example_id": "1",
            "category": "mixed",
            "level": level,
            "instruction": "Summarize this:\n\nThe harbour was closed on Monday.",
            "rules": (Rule(kind=f"followbench-{language}", value=check),) * level,
            "target": _TARGETS.get(check, "name[Mill]"),
            "source": check,
            **fields,
        }
    )


@pytest.mark.parametrize(("rules", "language", "check"), _EVERY_CHECK)
@settings(max_examples=40, deadline=None)
@given(text=st.text() | st.text(alphabet="aA1.!?*: \n()$/-[]{}，。！？“”在了美元字"), level=st.integers(1, 5))
def test_any_text_gets_one_plain_verdict_per_constraint(rules, language, check, text, level):
    verdicts = check_constraints(_item(check, level, language), text, rules)
    assert len(verdicts) == level
    assert all(type(verdict) is bool for verdict in verdicts)


@pytest.mark.parametrize(
    ("rules", "language", "check"),
    [row for row in _EVERY_CHECK if row[2] in ("cnn_dailymail", "xsum", "samsum", "gigaword", "arxiv")],
)
@settings(max_examples=40, deadline=None)
@given(
    text=st.lists(st.sampled_from(["We ", "is going. ", "stuff! ", "in ", "我们", "在。", "了！", "8 ", ", "])).map(
        "".join
    )
)
def test_a_level_adds_one_constraint_to_those_of_the_level_below(rules, language, check, text):
    at = [check_constraints(_item(check, level, language), text, rules) for level in range(1, 6)]
    assert all(above[:-1] == below for below, above in pairwise(at))


@pytest.mark.parametrize(("rules", "language", "check"), _EVERY_CHECK)
def test_text_made_to_be_slow_is_checked_in_time_linear_in_its_length(rules, language, check):
    item = _item(check, 5, language)
    for unit in HOSTILE_UNITS:
        assert_grows_in_proportion(lambda text: check_constraints(item, text, rules), unit)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([".", "!", "?", '"', ")", " ", "\n", "A", "M", "Mr", "Mrs", "Dr", "St", "x"])).map("".join)
)
def test_a_sentence_ends_where_the_slow_reading_of_the_same_rule_ends_it(text):
    slow = re.compile(r"(?<!\b[A-Z])(?<!\bM[rs])(?<!\bMrs)(?<!\b[DS][rt])[.!?]+[\"'”’)\]]*(?=\s|$)")
    assert [end.span() for end in corrected_en._SENTENCE_END.finditer(text)] == [
        end.span() for end in slow.finditer(text)
    ]


# --- what the authors' code does, quirk by quirk ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "level", "response", "passes"),
    [
        ("E2E", 1, "name[Mill]", True),
        ("E2E", 1, "name[Mill]\n", False),
        ("xsum", 1, " ", True),  # a piece of blanks is a sentence
        ("xsum", 1, "", False),
        ("xsum", 1, "One. ", False),  # so is the blank after the full stop
        ("xsum", 2, "a " * 18 + "b", True),  # 19 words between single blanks
        ("xsum", 2, "a " * 19, False),  # 20: the empty one after the last blank counts
        ("xsum", 3, "floods in newton stewart", True),  # the case matters
        ("samsum", 5, "stuff.", True),
        ("samsum", 5, "stuff…", False),  # only ASCII marks count
        ("gigaword", 3, "a b c d e f g h", True),
        ("gigaword", 3, "1 2 3 4 5 6 7 8", False),  # nothing to be lower-case
        ("arxiv", 3, "Weather", True),  # the first two letters will do
        ("BBH_logical", 1, "(A) or (B)", True),
        ("BBH_logical", 1, "(B), not (A)", False),
        ("CONLL2003", 1, "Bonn", True),
        ("CONLL2003", 1, "Bonn.", False),
        ("example", 1, "BOT: ", True),  # the answer may be empty
        ("example", 1, "BOT: yes\n", False),
        ("example", 1, "BOT: yes\r", True),  # a dot matches a carriage return
        ("format-30", 2, "".join(f"**{n} a: " for n in range(5)), True),
        ("format-30", 2, "".join(f"**{n}: " for n in range(5)), False),  # something must stand before the colon
    ],
)
def test_upstream_parity_keeps_the_english_quirks(check, level, response, passes):
    assert all(check_constraints(_item(check, level), response, "upstream-parity")) is passes


@pytest.mark.parametrize(
    ("check", "level", "response", "passes"),
    [
        ("xsum", 1, "一句话. 还是一句话", True),  # a plain full stop ends nothing
        ("xsum", 2, "字" * 19, True),
        ("xsum", 2, "字" * 20, False),  # the data says at most 20
        ("gigaword", 5, "这个字都在里面了", True),
        ("gigaword", 5, "这个字都到里面了", False),  # the data forbids what is demanded here
        ("gigaword", 3, "这个字都到里面三", False),  # numeric in Unicode, not only 0-9
        ("gsm_8k", 1, "12美元，再加37美元", True),
        ("gsm_8k", 1, "37 美元", False),
    ],
)
def test_upstream_parity_keeps_the_chinese_quirks(check, level, response, passes):
    item = _item(check, level, "zh", target="37美元")
    assert all(check_constraints(item, response, "upstream-parity")) is passes


def test_upstream_levels_4_and_5_of_format_22_reject_what_they_ask_for():
    sentence = "word " * 21
    response = "\n\n".join(f"{n}. {sentence}." for n in (1, 2, 3))
    # The marker `1` is a sentence of one word, so "more than 20 words in each" fails.
    assert check_constraints(_item("format-22", 4), response, "upstream-parity") == (True, True, False, True)
    assert check_constraints(_item("format-22", 4), response, "corrected") == (True, True, True, True)


# --- what the corrected rules repair ---------------------------------------------------------------------------------


def test_corrected_format_22_takes_the_ending_in_a_paragraph_of_its_own_or_after_the_third():
    body = "\n\n".join(f"{n}. {'word ' * 21}." for n in (1, 2, 3))
    for ending in ("\n\nThose are suggestions.", " Those are suggestions", "\n\n'Those are suggestions'\n"):
        assert check_constraints(_item("format-22", 5), body + ending, "corrected") == (True,) * 5
    assert check_constraints(_item("format-22", 5), body, "corrected")[-1] is False


_POINT = "**{n}. Growth:** innovation lets our farms and our firms sell more abroad."


def test_corrected_format_30_reads_numbered_points_and_finds_real_adverbs():
    response = "\n".join(_POINT.format(n=n) for n in range(1, 6))
    item = _item("format-30", 5)
    assert check_constraints(item, response, "corrected") == (True,) * 5
    assert check_constraints(item, response.replace("sell more", "quickly sell"), "corrected")[3] is False
    assert check_constraints(item, response.replace(" abroad", "") + " So it is.", "corrected")[1] is False
    assert check_constraints(item, response.replace("Growth:", ""), "corrected")[4] is False
    assert not all(check_constraints(item, response, "upstream-parity"))


def test_corrected_attributes_forgive_case_and_currency_but_no_value():
    item = _item("E2E", 2, target="name[The Phoenix], food[Fast food], priceRange[more than £30]")
    good = "name[The Phoenix], food[fast food], priceRange[more than 30 dollars]\n"
    assert check_constraints(item, good, "corrected") == (True, True)
    assert check_constraints(item, good.replace("30", "20"), "corrected") == (False, False)
    assert check_constraints(item, "Sure! " + good, "corrected") == (False, False)
    assert check_constraints(item, good + "I hope this helps.", "corrected") == (False, False)


def test_corrected_attributes_drop_a_value_that_the_target_has_too_many():
    item = _item("E2E", 5, "zh", target="名字[A，B]，区域[河边，河边，河边]")
    assert all(check_constraints(item, "名字[A，B]，区域[河边，河边]", "corrected"))


def test_corrected_events_count():
    item = _item("WIKIEVENTS", 2, target="a died\nb died\nc died")
    assert check_constraints(item, "a died\nb died\n", "corrected") == (True, True)
    assert check_constraints(item, "a died", "corrected") == (False, False)
    assert check_constraints(item, "a died\na died", "corrected") == (False, False)
    assert check_constraints(item, "a died", "upstream-parity") == (True, True)


def test_corrected_wrappers_need_an_answer_and_let_it_have_lines():
    item = _item("example", 1)
    assert check_constraints(item, "BOT: one\ntwo\n", "corrected") == (True,)
    assert check_constraints(item, "BOT: ", "corrected") == (False,)
    assert check_constraints(item, "Bot: one", "corrected") == (False,)


@pytest.mark.parametrize(
    ("check", "language", "response", "verdicts"),
    [
        ("xsum", "en", "It rose by 20.5 in the U.S. alone.", (True, True)),  # neither dot ends a sentence
        ("xsum", "en", "Floods hit NEWTON STEWART.", (True, True, False)),
        ("samsum", "en", "Stuff…", (True, True, True, True, True)),
        ("xsum", "zh", "字" * 20 + "。", (True, True)),
        ("xsum", "zh", "字" * 21 + "。", (True, False)),
        ("samsum", "zh", "字" * 15 + "。", (True, True)),
        ("gigaword", "zh", "这个字都到里面了", (True, True, True, True, True)),
        ("gigaword", "zh", "这个字都在里面了", (True, True, True, True, False)),
    ],
)
def test_corrected_summaries_follow_the_instruction(check, language, response, verdicts):
    assert check_constraints(_item(check, len(verdicts), language), response, "corrected") == verdicts


@pytest.mark.parametrize(
    "response", ["", " \n", "Summarize this:\n\nThe harbour was closed on Monday.", "I cannot help with that."]
)
def test_corrected_silence_echo_and_refusal_do_not_do_the_task(response):
    (judgement,) = judge_by_rules([_item("xsum", 1)], [response], "corrected")
    assert judgement.base_task is False
    assert judgement.hard is False


def test_corrected_repeating_the_instruction_before_the_answer_does_the_task():
    item = _item("BBH_logical", 1)
    (judgement,) = judge_by_rules([item], [f"{item.instruction}\n(B)"], "corrected")
    assert judgement.hard is True


def test_corrected_a_summary_of_the_text_does_the_task():
    (judgement,) = judge_by_rules([_item("xsum", 1)], ["A harbour closed."], "corrected")
    assert judgement.hard is True


def test_corrected_leaves_out_what_nothing_can_satisfy_and_says_so():
    item = _item("WIKIEVENTS", 3, category="content", example_id="20", target="x was injured")
    (judgement,) = judge_by_rules([item], ["x was injured"], "corrected")
    assert judgement.satisfied == (None, None, None)
    assert judgement.by == "unscored:impossible"
    (judgement,) = judge_by_rules([item], ["x was injured"], "upstream-parity")
    assert judgement.by == "rule:upstream-parity"


# --- judging ---------------------------------------------------------------------------------------------------------


def test_an_item_without_rules_is_not_scored_rather_than_failed():
    (judgement,) = judge_by_rules([_item("xsum", 2, rules=())], ["anything"], "corrected")
    assert judgement.satisfied == (None, None)
    assert judgement.hard is None
    assert judgement.by == "unscored:no-judge"


def test_reasoning_is_stripped_except_under_the_authors_rules():
    item = _item("E2E", 1)
    said = "<think>which name?</think>name[Mill]"
    assert judge_by_rules([item], [said], "corrected")[0].hard is True
    assert judge_by_rules([item], [said], "upstream-parity")[0].hard is False
    assert judge_by_rules([item], ["<think>which name? name[Mill]"], "corrected")[0].base_task is False


def test_an_item_of_another_pack_is_refused():
    with pytest.raises(ValueError, match="asks for the check count:3, which rules 'corrected' do not have"):
        check_constraints(_item("xsum", 1, rules=(Rule(kind="count", value="3"),)), "x", "corrected")


def test_an_unknown_rule_set_is_refused():
    with pytest.raises(ValueError, match="rules must be one of upstream-parity, corrected, got 'strict'"):
        check_constraints(_item("xsum", 1), "x", "strict")


def test_responses_must_match_the_items():
    with pytest.raises(ValueError, match="2 items but 1 responses"):
        judge_by_rules([_item("xsum", 1)] * 2, ["x"], "corrected")
