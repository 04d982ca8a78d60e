import builtins

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.benchmarks.judging.replies import read_reply

UNREAD = (None, None)


@pytest.mark.parametrize(
    ("reply", "english", "chinese"),
    [
        ("The list:\n['YES', 'NO']", (True, False), (True, False)),
        ("```['YES', 'NO']```", (True, False), (True, False)),
        ("```python\n['YES', 'NO']\n```", (True, False), (True, False)),
        ("```python\n['YES', 'NO']\n```\n", UNREAD, UNREAD),  # back-ticks before a newline stay, as the last line
        ("['YES', 'NO'] \n \n", (True, False), UNREAD),  # Chinese trips over a last line of blanks
        ("[“YES”, “NO”]", UNREAD, (True, False)),  # curly quotes
        ("[YES, NO]", UNREAD, (True, False)),  # no quotes
        ("[YES, UNKNOWN]", UNREAD, UNREAD),  # Chinese quotes the NO inside UNKNOWN
        ("['YES', 'NO', 'YES']", UNREAD, (True, False)),  # too long
        ("['YES']", UNREAD, UNREAD),
        ("['YES', 'PARTIAL']", (True, False), (True, False)),
        ("['YES', 'PARTIALLY']", UNREAD, (True, False)),
        ("['YES', 'N/A']", (True, False), UNREAD),
        ("['yes', 'no']", UNREAD, UNREAD),
        ("[True, False]", UNREAD, UNREAD),
        ("['YES', 'NO'] as said [1]", UNREAD, UNREAD),  # from the first bracket to the last
        ("['YES', 'NO']\nI hope this helps.", UNREAD, UNREAD),
        ("error", UNREAD, UNREAD),
        ("", UNREAD, UNREAD),
    ],
)
def test_the_authors_parsers_differ_by_language(reply, english, chinese):
    assert read_reply(reply, 2, "en", "upstream-parity") == english
    assert read_reply(reply, 2, "zh", "upstream-parity") == chinese


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("['YES']", True),
        ("NO, although others would say YES", True),  # YES is looked for first
        ("UNKNOWN", False),  # it holds NO
        ("yes", None),
        ("YES\n\nthat is all", None),  # the last line only
    ],
)
def test_the_authors_read_level_1_by_substring(reply, verdict):
    assert read_reply(reply, 1, "en", "upstream-parity") == (verdict,)


@pytest.mark.parametrize(
    "reply",
    [
        "[print('YES') or 'YES', 'NO']",
        "['YES' for _ in range(2)]",
        "['YES'] + ['NO']",
        "[f'YES', 'NO']",
        "[*['YES'], 'NO']",
        "[__import__('os').system('true') or 'YES', 'NO']",
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_code_in_a_reply_is_never_executed(monkeypatch, reply, language):
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a reply was executed")

    monkeypatch.setattr(builtins, "eval", refuse)
    monkeypatch.setattr(builtins, "print", refuse)
    monkeypatch.setattr("os.system", refuse)
    assert read_reply(reply, 2, language, "upstream-parity") == UNREAD
    assert read_reply(reply, 2, language, "tolerant") == UNREAD


@pytest.mark.parametrize(
    "reply",
    [
        "['YES', 'NO']",
        "[yes, No]",
        "```json\n[true, false]\n```\nThe second one is missing.",
        "[\n  “YES”,\n  “NO”\n]",
        "I looked at [2] constraints.\n\n['YES', 'PARTIAL']",
        '[{"constraint": 1, "satisfied": true}, {"constraint": 2, "satisfied": false}]',
        '{"verdicts": ["yes", "no"]}',
        "1. YES\n2. NO",
        "**1:** yes\n**2:** no",
        "<think>['NO', 'NO']</think>['YES', 'NO']",
        "[是，否]",
        "[满足, 不满足]",
        "['NO', 'NO'] at first; finally ['YES', 'NO']",
    ],
)
def test_the_tolerant_reader_takes_what_a_person_would(reply):
    assert read_reply(reply, 2) == (True, False)


@pytest.mark.parametrize("reply", ["", "[]", "['YES']", "['YES', 'NO', 'YES']", "yes, I think", "[1, 0]", "[x, y]"])
def test_the_tolerant_reader_leaves_the_rest_unread(reply):
    assert read_reply(reply, 2) == UNREAD


def test_a_doubtful_word_leaves_only_its_constraint_unread():
    assert read_reply("['YES', 'UNKNOWN', 'N/A']", 3) == (True, None, None)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("It does. YES.", True),
        ("The answer is no", False),
        ("NO, although others would say YES", None),
        ("not satisfied", None),
        ("NORTH", None),
    ],
)
def test_a_single_constraint_is_read_from_an_unambiguous_last_line(reply, verdict):
    assert read_reply(reply, 1) == (verdict,)


@settings(max_examples=300, deadline=None)
@given(
    reply=st.text()
    | st.lists(st.sampled_from(["[", "]", "YES", "NO", "'", '"', ",", " ", "\n", "`", "“", "\\", "\x00"])).map("".join),
    level=st.integers(1, 5),
    language=st.sampled_from(["en", "zh"]),
    rules=st.sampled_from(["upstream-parity", "tolerant"]),
)
def test_any_reply_gives_one_verdict_per_constraint(reply, level, language, rules):
    verdicts = read_reply(reply, level, language, rules)
    assert len(verdicts) == level
    assert set(verdicts) <= {True, False, None}


@pytest.mark.parametrize("unit", ["[", "]", "['YES', ", "1. ", "\n", "`", "/", "-"])
@pytest.mark.parametrize("rules", ["upstream-parity", "tolerant"])
def test_a_long_odd_reply_is_left_unread_in_time(unit, rules):
    assert read_reply(unit * 50_000, 2, "en", rules) == UNREAD


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", 0), "level must be at least 1, got 0"),
        (("", 1, "de"), "language must be one of en, zh, got 'de'"),
        (("", 1, "en", "strict"), "rules must be one of upstream-parity, tolerant, got 'strict'"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        read_reply(*arguments)
