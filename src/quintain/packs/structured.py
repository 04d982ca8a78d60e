"""Format items with structure: a JSON object or a table about a topic, and what each of its parts must hold."""

import json
import random
from collections.abc import Callable, Sequence

from quintain.packs.asking import ask
from quintain.packs.groups import Group, nested
from quintain.packs.stock import Stock, Topic
from quintain.records import Rule

STRUCTURED = ("json_keys", "grid_columns")
"""Rules that stand first where an object or a table is asked for."""


def base_task(topic: Topic, stock: Stock) -> str:
    """Base task of a structured response about a topic, for `base_task_done`."""
    return json.dumps({"terms": topic.terms, "least": stock.least_terms, "words": stock.structured_words})


def json_group(stock: Stock, rng: random.Random) -> Group | None:
    """Draw a group whose response is a JSON object about a topic.

    Args:
        stock: What it is drawn from.
        rng: Source of the draws.

    Returns:
        The group.
    """
    topic = rng.choice(stock.topics)
    rules, length = draw_object(stock, rng)
    sentences = rng.sample(topic.sentences, 3 + length)
    return _group(topic, rules, lambda broken: write_object(rules, sentences, stock, broken), stock, rng)


def draw_object(stock: Stock, rng: random.Random) -> tuple[tuple[Rule, ...], int]:
    """Draw the keys of an object, four of five rules on it, and how many things it lists where no rule says so."""
    keys = stock.keys
    text, items, number, flag = map(rng.choice, (keys.texts, keys.lists, keys.numbers, keys.flags))
    least = rng.choice(keys.text_words)
    length, low, high = rng.choice((2, 3, 4)), rng.choice((0, 1)), rng.choice((5, 6, 10))
    rules = [
        Rule(kind="json_list", value=f"{items}|{length}"),
        Rule(kind="json_words", value=f"{text}|{least}|{least + 12}"),
        Rule(kind="json_number", value=f"{number}|{low}|{high}"),
        Rule(kind="json_flag", value=flag),
        Rule(kind="json_one_line", value=""),
    ]
    rng.shuffle(rules)
    keys_rule = Rule(kind="json_keys", value="|".join(rng.sample([text, items, number, flag], 4)))
    return (keys_rule, *rules[:4]), length


def write_object(rules: Sequence[Rule], sentences: Sequence[str], stock: Stock, broken: int | None = None) -> str:
    """Write an object that obeys every rule, or every rule but one.

    Args:
        rules: Its rules, the keys first.
        sentences: What it says: two for its text, the others for its list.
        stock: Tells what a key of this name holds.
        broken: Index of the rule to break; None for a witness.

    Returns:
        The object as JSON.
    """
    kind = "" if broken is None else rules[broken].kind
    values = {rule.kind: rule.value.split("|") for rule in rules}
    length = int(values["json_list"][1]) if "json_list" in values else 2
    high = int(values["json_number"][2]) if "json_number" in values else 4
    text = "Good to know" if kind == "json_words" else ". ".join(sentences[:2])
    said: dict[str, object] = {}
    for key in values["json_keys"]:
        if key in stock.keys.texts:
            said[key] = text
        elif key in stock.keys.lists:
            said[key] = list(sentences[2 : 2 + length + (kind == "json_list")])
        elif key in stock.keys.numbers:
            said[key] = high + 1 if kind == "json_number" else high - 1
        else:
            said[key] = "true" if kind == "json_flag" else True
    if kind == "json_keys":
        said["extra"] = 1
    indented = kind == "json_one_line" or "json_one_line" not in values
    return json.dumps(said, indent=2 if indented else None)


def table_group(stock: Stock, rng: random.Random) -> Group | None:
    """Draw a group whose response is a table about a topic, in Markdown or as CSV.

    Args:
        stock: What it is drawn from.
        rng: Source of the draws.

    Returns:
        The group.
    """
    topic = rng.choice(stock.topics)
    rules, count = draw_table(stock, rng)
    terms, sentences = rng.sample(topic.terms, count + 1), rng.sample(topic.sentences, count + 1)
    return _group(topic, rules, lambda broken: write_table(rules, terms, sentences, stock, broken), stock, rng)


def draw_table(stock: Stock, rng: random.Random) -> tuple[tuple[Rule, ...], int]:
    """Draw the columns of a table, four of five rules on it, and how many rows it has where no rule says so."""
    syntax = rng.choice(("markdown", ",", ";"))
    thing, remark, rating = map(rng.choice, (stock.keys.columns, stock.keys.remarks, stock.keys.ratings))
    count, most, least = rng.choice((3, 4, 5)), rng.choice((5, 10)), rng.choice((3, 4))
    rules = [
        Rule(kind="grid_rows", value=f"{syntax}|{count}"),
        Rule(kind="grid_words", value=f"{syntax}|{remark}|{least}|12"),
        Rule(kind="grid_counted", value=f"{syntax}|{stock.keys.count}"),
        Rule(kind="grid_numbers", value=f"{syntax}|{rating}|1|{most}"),
        Rule(kind="grid_sorted", value=f"{syntax}|{thing}"),
    ]
    rng.shuffle(rules)
    header = (stock.keys.count, thing, remark, rating)
    return (Rule(kind="grid_columns", value="|".join((syntax, *header))), *rules[:4]), count


def write_table(
    rules: Sequence[Rule], terms: Sequence[str], sentences: Sequence[str], stock: Stock, broken: int | None = None
) -> str:
    """Write a table that obeys every rule, or every rule but one.

    Args:
        rules: Its rules, the columns first.
        terms: What its rows are about, one more than there are rows.
        sentences: What is said of each, one more than there are rows.
        stock: Tells what a column of this name holds.
        broken: Index of the rule to break; None for a witness.

    Returns:
        The table.
    """
    kind = "" if broken is None else rules[broken].kind
    values = {rule.kind: rule.value.split("|") for rule in rules}
    syntax, *header = values["grid_columns"]
    count = int(values["grid_rows"][1]) if "grid_rows" in values else len(terms) - 1
    most = int(values["grid_numbers"][3]) if "grid_numbers" in values else 5
    n = count + (kind == "grid_rows")
    things = sorted(terms)[:n][:: -1 if kind == "grid_sorted" else 1]
    rows = []
    for i in range(n):
        said = dict.fromkeys(stock.keys.columns, things[i])
        said |= dict.fromkeys(stock.keys.remarks, sentences[i])
        said |= dict.fromkeys(stock.keys.ratings, str(i % most + 1))
        said[stock.keys.count] = str(i + 1)
        rows.append([said[name] for name in header])
    if kind == "grid_words":
        rows[-1][header.index(values["grid_words"][1])] = "unsure"
    if kind == "grid_counted":
        rows[0][header.index(values["grid_counted"][1])] = "0"
    if kind == "grid_numbers":
        rows[0][header.index(values["grid_numbers"][1])] = str(most + 1)
    extra = ["Extra"] if kind == "grid_columns" else []
    return write_grid([[*header, *extra], *([*row, *extra] for row in rows)], syntax)


def write_grid(rows: Sequence[Sequence[str]], syntax: str) -> str:
    """Write rows, the header first, as a Markdown table or with a mark between the values."""
    if syntax != "markdown":
        return "\n".join(syntax.join(row) for row in rows)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def _group(
    topic: Topic, rules: Sequence[Rule], response: Callable[[int | None], str], stock: Stock, rng: random.Random
) -> Group:
    asked = [rng.choice(stock.structured_bases).format(name=topic.name), *(ask(rule, stock, rng) for rule in rules)]
    return nested(
        "format",
        topic.name,
        tuple(" ".join(asked[: level + 1]) for level in range(1, 6)),
        tuple(rules),
        base_task(topic, stock),
        [response(broken) for broken in (None, *range(5))],
    )
