"""`quintain score`: score outputs that were made elsewhere, in any folder."""

from pathlib import Path

import click

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("score")
@click.argument("outputs", type=_FILE)
@click.option("--pack", required=True, help="Folder with the six FollowBench files, or a hub id as NAME@REVISION.")
@click.option("--language", type=click.Choice(["en", "zh"]), required=True)
@click.option("--rules", type=click.Choice(["upstream-parity", "corrected"]), required=True)
@click.option("--replies", type=_FILE, help="What a judge said of the outputs that only a judge can score.")
@click.option("--to", type=_FILE, required=True, help="File for the verdicts.")
@click.option("--scorecard", type=_FILE, help="File for HSR, SSR and CSL.")
def command(
    outputs: Path, pack: str, language: str, rules: str, replies: Path | None, to: Path, scorecard: Path | None
) -> None:
    """Score OUTPUTS, a file of JSON lines with category, example_id, level, output and optionally output_id.

    A line of REPLIES has the same keys and `reply`; a line of the verdicts the keys and `satisfied`: true, false, or
    null where only a judge can tell and none did, or its reply was unread.
    """
    import json

    from quintain.benchmarks.followbench.outputs import Key, Output, Reply, card, judge_outputs, satisfied
    from quintain.benchmarks.followbench.source import load_pack
    from quintain.cli.json_lines import line, read_lines, write_whole
    from quintain.errors import RecordError

    items = load_pack(pack, language)
    said = read_lines(outputs, Output)
    given = read_lines(replies, Reply) if replies else []
    judged_by: dict[Key, str] = {}
    for number, reply in enumerate(given, start=1):
        if judged_by.setdefault(reply.key, reply.reply) != reply.reply:
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
    if stray:
        remarks.append(f"{stray} replies belong to no output")
    if again := len(given) - len(judged_by):
        remarks.append(f"{again} replies were given more than once")
    click.echo(f"{len(said)} outputs: {'; '.join(remarks)}")
