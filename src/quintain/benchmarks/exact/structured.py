"""Format groups with structure: a JSON object or a table about a topic, and what each of its parts must hold."""

import json
import random
from collections.abc import Callable, Sequence

from quintain.benchmarks.exact.groups import Group, nested
from quintain.benchmarks.exact.topics import TOPICS, Topic
from quintain.benchmarks.exact.wordings import ask
from quintain.records import Rule

_LEAST_WORDS = 8
_BASE = (
    "Collect some facts about {name}.",
    "Say what a beginner should know about {name}.",
    "Sum up the most important things about {name}.",
)
_TEXT_KEYS = ("summary", "advice", "warning", "purpose", "origin")
_LIST_KEYS = ("facts", "steps", "tools", "words", "examples")
_NUMBER_KEYS = ("difficulty", "interest", "effort", "cost")
_FLAG_KEYS = ("outdoors", "noisy", "cheap", "seasonal")
_COLUMNS = ("Thing", "Part", "Keyword", "Topic")
_REMARKS = ("Remark", "Reason", "Detail", "Note")
_RATINGS = ("Weight", "Score", "Rank", "Stars")


def json_group(rng: random.Random) -> Group | None:
    """Draw a group whose response is a JSON object about a topic.

    Args:
        rng: Source of the draws.

    Returns:
        The group.
    """
    topic = rng.choice(TOPICS)
    text, items, number, flag = map(rng.choice, (_TEXT_KEYS, _LIST_KEYS, _NUMBER_KEYS, _FLAG_KEYS))
    least = rng.choice((8, 10, 12))
    length, low, high = rng.choice((2, 3, 4)), rng.choice((0, 1)), rng.choice((5, 6, 10))
    rules = [
        Rule(kind="json_list", value=f"{items}|{length}"),
        Rule(kind="json_words", value=f"{text}|{least}|{least + 12}"),
        Rule(kind="json_number", value=f"{number}|{low}|{high}"),
        Rule(kind="json_flag", value=flag),
        Rule(kind="json_one_line", value=""),
    ]
    rng.shuffle(rules)
    keys = rng.sample([text, items, number, flag], 4)
    rules = [Rule(kind="json_keys", value="|".join(keys)), *rules[:4]]
    sentences = rng.sample(topic.sentences, 2 + length + 1)

    def response(broken: int | None) -> str:
        kind = "" if broken is None else rules[broken].kind
        said = {
            text: ". ".join(sentences[: 1 if kind == "json_words" else 2]),
            items: sentences[2 : 2 + length + (kind == "json_list")],
            number: high + 1 if kind == "json_number" else high - 1,
            flag: "true" if kind == "json_flag" else True,
        }
        if kind == "json_words":
            said[text] = "Good to know"
        ordered = {key: said[key] for key in keys} | ({"extra": 1} if kind == "json_keys" else {})
        return json.dumps(ordered, indent=2 if kind == "json_one_line" else None)

    return _group(topic, rules, response, rng)


def table_group(rng: random.Random) -> Group | None:
    """Draw a group whose response is a table about a topic, in Markdown or as CSV.

    Args:
        rng: Source of the draws.

    Returns:
        The group.
    """
    topic = rng.choice(TOPICS)
    syntax = rng.choice(("markdown", ",", ";"))
    thing, remark, rating = map(rng.choice, (_COLUMNS, _REMARKS, _RATINGS))
    count, most, least = rng.choice((3, 4, 5)), rng.choice((5, 10)), rng.choice((3, 4))
    rules = [
        Rule(kind="grid_rows", value=f"{syntax}|{count}"),
        Rule(kind="grid_words", value=f"{syntax}|{remark}|{least}|12"),
        Rule(kind="grid_counted", value=f"{syntax}|No"),
        Rule(kind="grid_numbers", value=f"{syntax}|{rating}|1|{most}"),
        Rule(kind="grid_sorted", value=f"{syntax}|{thing}"),
    ]
    rng.shuffle(rules)
    header = ["No", thing, remark, rating]
    rules = [Rule(kind="grid_columns", value="|".join((syntax, *header))), *rules[:4]]
    terms, sentences = sorted(rng.sample(topic.terms, count + 1)), rng.sample(topic.sentences, count + 1)

    def response(broken: int | None) -> str:
        kind = "" if broken is None else rules[broken].kind
        n = count + (kind == "grid_rows")
        things = terms[:n][:: -1 if kind == "grid_sorted" else 1]
        rows = [[str(i + 1), things[i], sentences[i], str(i % most + 1)] for i in range(n)]
        if kind == "grid_words":
            rows[-1][2] = "unsure"
        if kind == "grid_counted":
            rows[0][0] = "0"
        if kind == "grid_numbers":
            rows[0][3] = str(most + 1)
        extra = ["Extra"] if kind == "grid_columns" else []
        return _write([[*header, *extra], *([*row, *extra] for row in rows)], syntax)

    return _group(topic, rules, response, rng)


def _write(rows: list[list[str]], syntax: str) -> str:
    if syntax != "markdown":
        return "\n".join(syntax.join(row) for row in rows)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def _group(topic: Topic, rules: Sequence[Rule], response: Callable[[int | None], str], rng: random.Random) -> Group:
    asked = [rng.choice(_BASE).format(name=topic.name), *(ask(rule, rng) for rule in rules)]
    return nested(
        "format",
        topic.name,
        tuple(" ".join(asked[: level + 1]) for level in range(1, 6)),
        tuple(rules),
        json.dumps({"terms": topic.terms, "least": 2, "words": _LEAST_WORDS}),
        [response(broken) for broken in (None, *range(5))],
    )
