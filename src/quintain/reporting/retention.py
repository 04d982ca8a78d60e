"""The retention report: what a student lost and gained against its start, on every benchmark, in Markdown."""

from collections.abc import Mapping

from quintain.benchmarks.measures import percent
from quintain.benchmarks.satisfaction.retention import Retained
from quintain.reporting.rows import between, signed
from quintain.reporting.table import markdown_table

_SHOWN = 10
"""Most flipped items of a benchmark and direction that are written out."""
_LONGEST_CHARS = 160
"""Longest prompt that is written out."""


def retention_table(found: Mapping[str, Mapping[str, Retained]]) -> str:
    """Set what was retained in a table.

    Args:
        found: Benchmark → category → before and after, all items under the empty name.

    Returns:
        A line per benchmark and one per category below it, rates in percent, without a final newline.
    """
    rows = []
    for benchmark, categories in found.items():
        # A single category is the benchmark itself.
        shown = categories if len(categories) > 2 else {"": categories[""]}
        for category, each in shown.items():
            rows.append(
                (
                    f"{benchmark}, {category}" if category else f"**{benchmark}**",
                    percent(each.before),
                    percent(each.after),
                    signed(each.difference, percent=True),
                    between((each.low, each.high), percent=True),
                    str(len(each.gained)),
                    str(len(each.lost)),
                    f"{each.n_items:,}",
                    each.outcome,
                )
            )
    header = ("benchmark", "before", "after", "difference", "95 % interval", "gained", "lost", "items", "beyond chance")
    return markdown_table(header, rows)


def retention_report(
    student: str,
    start: str,
    found: Mapping[str, Mapping[str, Retained]],
    left_out: Mapping[str, str],
    prompts: Mapping[str, Mapping[str, str]],
) -> str:
    """Write the report.

    Args:
        student: Name of the student.
        start: Name of the student that it was made from.
        found: Benchmark → category → before and after.
        left_out: Benchmark → why nothing can be said of it.
        prompts: Benchmark → item → prompt, where prompts may be shown.

    Returns:
        Markdown: the table, then the items that flipped.
    """
    parts = [f"# {student} against {start}, which it was made from"]
    if found:
        parts += [
            retention_table(found),
            "Rates in percent, differences in points. Gained and lost: items that only the one or only the other "
            "passes. Beyond chance: the paired interval leaves zero out; of twenty lines that nothing happened to, one "
            "says so all the same.",
        ]
    parts += [f"{benchmark}: {why}" for benchmark, why in left_out.items()]
    for benchmark, categories in found.items():
        parts += _flipped(benchmark, categories[""], prompts.get(benchmark, {}))
    return "\n\n".join(parts) + "\n"


def _flipped(benchmark: str, overall: Retained, prompts: Mapping[str, str]) -> list[str]:
    parts = []
    for title, ids in (("lost", overall.lost), ("gained", overall.gained)):
        if ids:
            lines = [f"- `{each}`{_shown(prompts.get(each, ''))}" for each in ids[:_SHOWN]]
            more = len(ids) - len(lines)
            lines += [f"- and {more:,} more, in retention.json"] if more > 0 else []
            parts += [f"## {benchmark}: {title}", "\n".join(lines)]
    return parts


def _shown(prompt: str) -> str:
    text = " ".join(prompt.split())
    cut = text if len(text) <= _LONGEST_CHARS else f"{text[:_LONGEST_CHARS]}…"
    return f" {cut}" if cut else ""
