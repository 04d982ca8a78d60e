"""What the authors' rules said of made-up outputs to every rule-scored item, counted while running their code.

Source: our notes on FollowBench at commit 6278f4c, section 3; the Chinese counts were taken from a reading of that
code on the same outputs.
"""

import ast
import json
from collections import Counter

import pytest

from quintain.benchmarks.followbench.benchmark import load_benchmark
from quintain.benchmarks.followbench.rules import check_constraints, judge_by_rules
from quintain.benchmarks.followbench.targets import wrapper

FORMAT_30 = "\n".join(
    f"**{n} Growth: innovation lets our farms and our firms sell more goods abroad." for n in range(1, 6)
)
SENTENCE = " ".join(["word"] * 21) + "."

# Our own answers to the items that have no target, written to satisfy level 5.
WRITTEN = {
    "en": {
        "cnn_dailymail": "Potter star Radcliffe turns eighteen. The actor stays modest. His films have paid well.",
        "xsum": "Officials are assessing the operation that repairs the flood damage.",
        "samsum": "Kim will do her stuff tomorrow with a technique from Tim.",
        "gigaword": "two people killed in bomb attack in philippines",
        "arxiv": "We trace factual associations to a few activations in middle layers.",
        "format-22": f"{SENTENCE}\n\n{SENTENCE}\n\n{SENTENCE}",
        "format-30": FORMAT_30,
    },
    "zh": {
        "cnn_dailymail": "波特影星满了十八岁。这位演员不乱花钱。他的电影赚了大钱。",
        "xsum": "政府正在操作洪水受灾区的修复",
        "samsum": "金明天做琐碎的事情。",
        "gigaword": "客车遭炸弹袭击了",
        "arxiv": "我们把事实关联追溯到神经元激活。",
        "format-22": "\n\n".join([f"{'字' * 21}。"] * 3),
    },
}
WRITTEN["zh"]["gigaword-upstream"] = "客车在南部遭袭击"


@pytest.fixture(scope="module", params=["en", "zh"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def ruled(followbench, language):
    return [item for item in load_benchmark(followbench / language, language) if item.rules]


@pytest.fixture(scope="module")
def english(followbench):
    return [item for item in load_benchmark(followbench / "en", "en") if item.rules]


def _passed(items, respond, rules="upstream-parity"):
    return sum(all(check_constraints(item, respond(item), rules)) for item in items)


def _reference(item):
    """What a compliant answer looks like: the target, one of its names, the filled wrapper, our own summary."""
    check = item.rules[0].value
    language = item.rules[0].kind[-2:]
    if check in WRITTEN[language]:
        return WRITTEN[language][check]
    if check == "example":
        before, after = wrapper(item.target)
        return f"{before}yes{after}"
    return ast.literal_eval(item.target)[0] if check == "CONLL2003" else item.target


def test_both_languages_have_the_released_counts(followbench):
    english, chinese = (load_benchmark(followbench / name, name) for name in ("en", "zh"))
    assert (len(english), sum(bool(item.rules) for item in english)) == (820, 350)
    assert (len(chinese), sum(bool(item.rules) for item in chinese)) == (790, 330)


def test_ruled_groups_by_category(followbench):
    groups = {
        name: Counter(
            item.category for item in load_benchmark(followbench / name, name) if item.rules and item.level == 1
        )
        for name in ("en", "zh")
    }
    assert groups["en"] == {"content": 12, "situation": 8, "format": 2, "mixed": 8, "example": 40}
    assert groups["zh"] == {"content": 10, "situation": 8, "format": 1, "mixed": 7, "example": 40}


@pytest.mark.parametrize(
    ("respond", "english", "chinese"),
    [
        (lambda item: "", 5, 0),
        (lambda item: " ", 12, 7),
        (lambda item: item.instruction, 6, 3),
        (lambda item: "I cannot assist with that request.", 12, 3),
    ],
    ids=["empty", "one blank", "echo", "refusal"],
)
def test_upstream_counts_of_responses_that_do_nothing(ruled, language, respond, english, chinese):
    assert _passed(ruled, respond) == (english if language == "en" else chinese)


def test_upstream_348_of_350_references_pass_and_the_two_others_cannot(english):
    failed = [item for item in english if not all(check_constraints(item, _reference(item), "upstream-parity"))]
    assert [(item.category, item.example_id, item.level) for item in failed] == [
        ("format", "22", 4),
        ("format", "22", 5),
    ]


def test_upstream_13_of_25_logic_puzzles_fall_to_a_constant_guess(english):
    puzzles = [item for item in english if item.source == "BBH_logical"]
    assert (len(puzzles), _passed(puzzles, lambda item: "(B)")) == (25, 13)


@pytest.mark.parametrize("tail", ["\n", "."])
def test_upstream_40_of_45_exact_targets_fail_with_one_character_more(english, tail):
    exact = [item for item in english if item.source in ("E2E", "text_editing", "self_made_space")]
    assert (len(exact), _passed(exact, lambda item: item.target + tail)) == (45, 5)


@pytest.mark.parametrize("dress", ["Here is the answer:\n{}", "**{}**"])
def test_upstream_half_of_the_targets_survive_a_preamble_or_bold(english, dress):
    sources = ("E2E", "text_editing", "self_made_space", "BBH_logical", "BBH_time", "gsm_8k")
    targeted = [item for item in english if item.source in sources]
    assert (len(targeted), _passed(targeted, lambda item: dress.format(item.target))) == (80, 40)


@pytest.mark.parametrize(
    ("dress", "passed"),
    [
        (lambda before, after: before + after, 200),
        (lambda before, after: f"{before}yes{after}\n", 0),
        (lambda before, after: f"{before}yes{after}".replace("'", '"'), 160),
        (lambda before, after: f"{before}yes{after}".lower(), 25),
    ],
    ids=["empty answer", "final newline", "JSON quotes", "lower case"],
)
def test_upstream_counts_of_nearly_right_wrappers(english, dress, passed):
    wrapped = [item for item in english if item.category == "example"]
    assert _passed(wrapped, lambda item: dress(*wrapper(item.target))) == passed


def test_upstream_the_gold_answers_of_one_example_group_fail_their_own_rule(followbench, english):
    rows = json.loads((followbench / "en/example_constraints.json").read_bytes())
    gold = {(str(row["example_id"]), row["level"]): row["answer"] for row in rows}
    wrapped = [item for item in english if item.category == "example"]
    failed = {
        item.example_id
        for item in wrapped
        if not all(check_constraints(item, gold[item.example_id, item.level], "upstream-parity"))
    }
    assert failed == {"4"}
    assert _passed(wrapped, lambda item: gold[item.example_id, item.level]) == 195
    assert _passed(wrapped, lambda item: gold[item.example_id, item.level], "corrected") == 200


def test_upstream_chinese_references_fail_only_where_the_rules_contradict_the_data(followbench):
    ruled = [item for item in load_benchmark(followbench / "zh", "zh") if item.rules]
    failed = [item for item in ruled if not all(check_constraints(item, _reference(item), "upstream-parity"))]
    assert [(item.source, item.category, item.level) for item in failed] == [
        ("helpful_base", "format", 4),
        ("helpful_base", "format", 5),
        ("gigaword", "mixed", 5),  # the character that the instruction forbids is demanded
    ]
    (last,) = [item for item in failed if item.source == "gigaword"]
    assert all(check_constraints(last, WRITTEN["zh"]["gigaword-upstream"], "upstream-parity"))


@pytest.mark.parametrize("tail", ["", "\n"])
def test_corrected_rules_pass_every_reference_that_they_score(ruled, language, tail):
    ending = {"en": "Those are suggestions", "zh": "这些是建议"}[language]
    responses = []
    for item in ruled:
        response = _reference(item)
        if item.rules[0].value == "format-22" and item.level >= 4:
            response = "\n\n".join(f"{n}. {part}" for n, part in enumerate(response.split("\n\n"), 1))
            response += f"\n\n{ending}" if item.level == 5 else ""
        if item.source == "WIKIEVENTS":
            response = "\n".join(item.target.split("\n")[: item.level])
        responses.append(response + tail)
    judgements = judge_by_rules(ruled, responses, "corrected")
    failed = [(each.category, each.example_id, each.level) for each in judgements if each.hard is False]
    assert failed == []
    # English: the five of content 20, four of mixed 4; Chinese: four of mixed 4, four of content 18, one of content 14
    assert sum(each.by == "unscored:impossible" for each in judgements) == 9


def test_corrected_rules_pass_nothing_that_does_nothing(ruled):
    bare = {item.id for item in ruled if item.category == "example" and wrapper(item.target) == ("", "")}
    for response in ("", " ", "I cannot assist with that request.", "抱歉，我无法帮助您。"):
        judgements = judge_by_rules(ruled, [response] * len(ruled), "corrected")
        assert {each.item_id for each in judgements if each.hard} <= bare
    echoes = judge_by_rules(ruled, [item.instruction for item in ruled], "corrected")
    assert not any(each.hard for each in echoes)
