"""Score outputs that were made elsewhere against any benchmark: verdicts, scorecard, a line for the terminal."""

from collections.abc import Mapping
from pathlib import Path


def score_benchmark(
    outputs: Path,
    name: str,
    source: str | None,
    settings: Mapping[str, str],
    replies: Path | None,
    to: Path,
    scorecard: Path | None,
    judgements: Path | None,
) -> None:
    """Read the outputs, judge them, and write what was asked for, each file whole or not at all.

    Args:
        outputs: JSON lines of `Output`s.
        name: Name of the benchmark.
        source: What it is read from.
        settings: Further settings of it.
        replies: JSON lines of `Reply`s.
        to: File for the verdicts.
        scorecard: File for the scorecard.
        judgements: File for the judgements of all items.

    Raises:
        ConfigError: Nobody offers the benchmark, or a setting is wrong.
        RecordError: A file is missing or broken, or a row fits no item.
    """
    import json

    import click
    import msgspec

    from quintain.benchmarks.measures import measure_name, written
    from quintain.benchmarks.outputs import Items, Output, Reply, judge_outputs, verdict_row, with_missing
    from quintain.benchmarks.scoring import make_scorecard
    from quintain.cli.json_lines import line, read_foreign_lines, write_whole
    from quintain.cli.named_benchmark import named_benchmark
    from quintain.errors import RecordError

    benchmark = named_benchmark(name, source, settings)
    said = read_foreign_lines(outputs, Output)
    given = read_foreign_lines(replies, Reply) if replies else []
    items = Items(benchmark)
    where = outputs
    try:
        matched = items.match(said, "output")
        where = replies or outputs
        judged_by = {item.id: row.reply for item, row in zip(items.match(given, "reply"), given, strict=True)}
        where = outputs
        judged = judge_outputs(benchmark, matched, said, judged_by)
    except ValueError as error:
        raise RecordError(f"{where}: {error}") from None
    write_whole(to, (line(verdict_row(item, judgement)) for item, judgement in zip(matched, judged, strict=True)))
    complete = with_missing(benchmark, judged)
    card = make_scorecard(benchmark, complete, model=outputs.stem)
    if scorecard:
        write_whole(scorecard, [json.dumps(card.as_dict(), indent=2).encode() + b"\n"])
    if judgements:
        write_whole(judgements, (msgspec.json.encode(judgement) + b"\n" for judgement in complete))
    empty = sum(not (output.response or "").strip() for output in said)
    remarks = [
        f"{len(complete) - len(said)} of {len(complete)} items without an output",
        f"{empty} outputs empty",
        f"{card.n_scored} scored, {card.n_unread} unread, {len(said) - card.n_scored} not scored",
    ]
    if stray := len(judged_by.keys() - {item.id for item in matched}):
        remarks.append(f"{stray} replies belong to no output")
    click.echo(f"{name}, {len(said)} outputs: {'; '.join(remarks)}")
    for measure, estimate in list(card.measures.items())[:_MEASURES]:
        click.echo(f"{measure_name(measure):<20} {written(measure, estimate)} of {estimate.n}")


_MEASURES = 4
"""Measures that a terminal gets to see; the scorecard has all."""
