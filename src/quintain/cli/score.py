"""`quintain score`: score outputs that were made elsewhere, in any folder."""

from pathlib import Path

import click

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("score")
@click.argument("outputs", type=_FILE)
@click.option(
    "--benchmark", help="Name of a benchmark: followbench, ifeval, ifbench, starter, core, … or a package's own."
)
@click.option("--source", help="What the benchmark is read from: a file or folder, or a hub id as NAME@REVISION.")
@click.option("--pack", help="FollowBench alone: folder with the six files, or a hub id as NAME@REVISION.")
@click.option("--language", type=click.Choice(["en", "zh"]))
@click.option("--rules", help="upstream-parity or corrected, for FollowBench.")
@click.option("--replies", type=_FILE, help="What a judge said of the outputs that only a judge can score.")
@click.option("--to", type=_FILE, required=True, help="File for the verdicts.")
@click.option("--scorecard", type=_FILE, help="File for the measures.")
@click.option("--judgements", type=_FILE, help="File for the judgements that `quintain scorecard` reads.")
def command(
    outputs: Path,
    benchmark: str | None,
    source: str | None,
    pack: str | None,
    language: str | None,
    rules: str | None,
    replies: Path | None,
    to: Path,
    scorecard: Path | None,
    judgements: Path | None,
) -> None:
    """Score OUTPUTS, a file of JSON lines with `response` and `key`, `id` or `prompt`, against any benchmark.

    A line of REPLIES has `reply` and names its item likewise. A line of the verdicts has `key`, and of IFEval and
    IFBench `strict` and `loose`: true or false for each instruction. Of other items it has `satisfied` by constraint,
    or `score`, and `passed`; null is where only a judge can tell and none did, or its reply was unread. A null or
    missing response is an empty one.

    With --pack, a line of OUTPUTS has category, example_id, level, output and optionally output_id.
    """
    if (benchmark is None) == (pack is None):
        raise click.UsageError("name what to score against, with --benchmark or with --pack")
    if benchmark is not None:
        from quintain.cli.score_benchmark import score_benchmark

        given = {name: value for name, value in (("language", language), ("rules", rules)) if value is not None}
        score_benchmark(outputs, benchmark, source, given, replies, to, scorecard, judgements)
        return
    if language is None or rules not in ("upstream-parity", "corrected") or source or judgements:
        raise click.UsageError(
            "--pack needs --language and --rules (upstream-parity or corrected), and takes no --source or --judgements"
        )
    _score_pack(outputs, str(pack), language, rules, replies, to, scorecard)


def _score_pack(
    outputs: Path, pack: str, language: str, rules: str, replies: Path | None, to: Path, scorecard: Path | None
) -> None:
    import json

    from quintain.benchmarks.followbench.outputs import Key, Output, Reply, card, judge_outputs, satisfied
    from quintain.benchmarks.followbench.source import load_pack
    from quintain.cli.json_lines import line, read_foreign_lines, write_whole
    from quintain.errors import RecordError

    items = load_pack(pack, language)
    said = read_foreign_lines(outputs, Output)
    given = read_foreign_lines(replies, Reply) if replies else []
    judged_by: dict[Key, str] = {}
    for number, reply in enumerate(given, start=1):
        if judged_by.setdefault(reply.key, reply.reply or "") != (reply.reply or ""):
            raise RecordError(
                f"{replies}, reply {number} says something else of category {reply.category}, example_id "
                f"{reply.example_id}, level {reply.level} than an earlier reply; keep one of them"
            )
    try:
        judgements = judge_outputs(items, said, judged_by, language, rules)  # type: ignore[arg-type]
    except ValueError as error:
        raise RecordError(f"{outputs}: {error}") from None
    write_whole(
        to,
        (
            line(
                {
                    "category": output.category,
                    "example_id": output.example_id,
                    "level": output.level,
                    **({} if output.output_id is None else {"output_id": output.output_id}),
                    "satisfied": satisfied(judgement),
                }
            )
            for output, judgement in zip(said, judgements, strict=True)
        ),
    )
    numbers = card(judgements, rules)  # type: ignore[arg-type]
    if scorecard:
        write_whole(scorecard, [json.dumps(numbers, indent=1).encode() + b"\n"])
    stray = len(judged_by.keys() - {output.key for output in said})
    remarks = [
        f"{numbers['n_scored']} scored, {numbers['n_unread']} unread, {len(said) - numbers['n_scored']} not scored",
        f"{len(items) - len({output.key[:3] for output in said})} of {len(items)} items have no output",
    ]
    if empty := sum(not (output.output or "").strip() for output in said):
        remarks.append(f"{empty} outputs are empty")
    if stray:
        remarks.append(f"{stray} replies belong to no output")
    if again := len(given) - len(judged_by):
        remarks.append(f"{again} replies were given more than once")
    click.echo(f"{len(said)} outputs: {'; '.join(remarks)}")
