"""Outputs made elsewhere: matched to the items of any benchmark, judged, and laid out as rows."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.judging.replies import read_reply
from quintain.records import Judgement, by_judges

NO_OUTPUT = "no-output"
"""Why an item without an output is unscored."""


@dataclass(frozen=True)
class Output:
    """Output of a model to one item, known by its key, by its id, or by the text of its prompt."""

    response: str | None = None
    """The whole completion; null or missing counts as empty."""
    key: int | str | None = None
    """Key of the item in its file; of an item of levels `category/group/level`."""
    id: int | str | None = None
    """Id of the item's record, or its key under another name."""
    prompt: str | None = None
    """Text of the prompt, word for word."""


@dataclass(frozen=True)
class Reply:
    """Reply of a judge about the output to one item, known in the same way."""

    reply: str | None = None
    """The reply; null or missing counts as unread."""
    key: int | str | None = None
    """Key of the item."""
    id: int | str | None = None
    """Id of the item's record, or its key under another name."""
    prompt: str | None = None
    """Text of the prompt."""


def item_key(item: Any) -> int | str:
    """Key of an item: that of its file, or else category, cluster and level."""
    key: int | str = getattr(item, "key", "")
    return f"{item.category}/{item.cluster}/{item.level}" if key == "" else key


class Items:
    """Items of a benchmark, to be found as rows name them.

    Args:
        benchmark: The benchmark.
    """

    def __init__(self, benchmark: Benchmark) -> None:
        self._name = benchmark.name
        self._ways: dict[str, dict[str, list[Any]]] = {"key": {}, "id": {}, "prompt": {}, "prompt stripped": {}}
        for item in benchmark.items:
            names = str(item_key(item)), item.id, item.prompt, item.prompt.strip()
            for way, name in zip(self._ways.values(), names, strict=True):
                way.setdefault(name, []).append(item)

    def match(self, rows: Sequence[Output | Reply], what: str) -> list[Any]:
        """Find the item of each row.

        Args:
            rows: The rows.
            what: What a row is called in messages, such as `output`.

        Returns:
            One item per row, in order.

        Raises:
            ValueError: A row names no item or several, or two rows name the same; gives its position, from 1.
        """
        found: list[Any] = []
        seen: dict[str, int] = {}
        for number, row in enumerate(rows, start=1):
            item = self._find(row, f"{what} {number}")
            if item.id in seen:
                raise ValueError(
                    f"{what} {number} is of the item of {what} {seen[item.id]} again (key {item_key(item)}); score one "
                    f"{what} per item at a time"
                )
            seen[item.id] = number
            found.append(item)
        return found

    def _find(self, row: Output | Reply, where: str) -> Any:
        way = next((name for name in ("key", "id", "prompt") if getattr(row, name) is not None), "")
        if not way:
            raise ValueError(f"{where} names no item; give `key`, `id`, or `prompt` word for word")
        given = str(getattr(row, way))
        other = {"id": "key", "prompt": "prompt stripped"}.get(way, way)
        named = self._ways[way].get(given) or self._ways[other].get(given.strip())
        shown = f"{way} {given[:60]!r}" if way == "prompt" else f"{way} {given}"
        if not named:
            raise ValueError(
                f"{where}: no item of {self._name} has {shown}; give `key` or `id`, or `prompt` word for word"
            )
        if len(named) > 1:
            raise ValueError(f"{where}: {len(named)} items of {self._name} have {shown}; give `key` or `id`")
        return named[0]


def judge_outputs(
    benchmark: Benchmark,
    items: Sequence[Any],
    outputs: Sequence[Output],
    replies: Mapping[str, str | None] | None = None,
) -> list[Judgement]:
    """Judge outputs by the benchmark's rules, and by a judge's replies where only a judge can tell.

    Args:
        benchmark: What was asked.
        items: The item of each output.
        outputs: What the model said.
        replies: Item id → reply of a judge; None is an unread one.

    Returns:
        One judgement per output, in order. A reply that cannot be read gives unread verdicts, a missing one leaves the
        output unscored.

    Raises:
        ValueError: The items do not go with the rules.
    """
    replies = replies or {}
    found = []
    for item, output in zip(items, outputs, strict=True):
        judgement = benchmark.judge(item, benchmark.read(output.response or ""))
        if judgement.needs_judge and item.id in replies:
            verdicts = _read(replies[item.id], item, benchmark)
            judgement = dataclasses.replace(judgement, id="", satisfied=verdicts, by=by_judges("replies"))
        found.append(judgement)
    return found


def _read(reply: str | None, item: Any, benchmark: Benchmark) -> tuple[bool | None, ...]:
    if reply is None:
        return (None,) * benchmark.n_constraints(item)
    reading = "upstream-parity" if benchmark.rules == "upstream-parity" else "tolerant"
    return read_reply(reply, item.level, benchmark.language, reading)  # type: ignore[arg-type]  # both known


def with_missing(benchmark: Benchmark, judgements: Iterable[Judgement]) -> list[Judgement]:
    """One judgement per item of a benchmark: those without an output are unscored."""
    by_item = {judgement.item_id: judgement for judgement in judgements}
    return [by_item.get(item.id) or benchmark.unscored(item, "", NO_OUTPUT) for item in benchmark.items]


def verdict_row(item: Any, judgement: Judgement) -> dict[str, Any]:
    """Lay a judgement out as a row of the file of verdicts.

    Args:
        item: The item.
        judgement: What was judged.

    Returns:
        Of prompts with verifiable instructions `key`, `instruction_id_list`, `strict` and `loose`; of other items
        `key`, `id`, `score` where it is graded, else `satisfied` by constraint, and `passed`: null where nobody can
        tell.
    """
    if judgement.loose:
        kinds = [each.kind for each in item.instructions]
        return {
            "key": item_key(item),
            "instruction_id_list": kinds,
            "strict": judgement.satisfied,
            "loose": judgement.loose,
        }
    verdicts = {"score": judgement.score} if judgement.score is not None else {"satisfied": judgement.satisfied}
    task = {} if judgement.base_task is None else {"base_task": judgement.base_task}
    passed = judgement.hard if judgement.is_scored else None
    return {"key": item_key(item), "id": item.id, **verdicts, **task, "passed": passed}
