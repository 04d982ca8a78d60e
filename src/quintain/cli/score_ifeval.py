"""`quintain score-ifeval`: score outputs that were made elsewhere against IFEval, in any folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from quintain.benchmarks.ifeval.prompts import IFEvalPrompt
    from quintain.benchmarks.ifeval.scorecard import Accuracy

_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class Output:
    """One line of OUTPUTS; known by its key, or by the text of its prompt where it has none."""

    response: str
    key: int | str | None = None
    prompt: str | None = None


@click.command("score-ifeval")
@click.argument("outputs", type=_FILE)
@click.option("--prompts", type=_FILE, required=True, help="IFEval's input_data.jsonl, or a file of the same form.")
@click.option("--to", type=_FILE, required=True, help="File for the verdicts.")
@click.option("--scorecard", type=_FILE, help="File for the accuracies.")
def command(outputs: Path, prompts: Path, to: Path, scorecard: Path | None) -> None:
    """Score OUTPUTS, a file of JSON lines with `response` and either `key` or `prompt`.

    A line of the verdicts has the key, the instruction ids, and `strict` and `loose`: true or false for each
    instruction. Reasoning traces are no part of a response.
    """
    import json

    from quintain.benchmarks.ifeval.prompts import prompts_digest, read_prompts
    from quintain.benchmarks.ifeval.scorecard import make_scorecard
    from quintain.benchmarks.ifeval.verdicts import judge_response
    from quintain.cli.json_lines import line, read_lines, write_whole
    from quintain.errors import RecordError
    from quintain.text.traces import strip_trace

    try:
        asked = read_prompts(prompts)
    except ValueError as error:
        raise RecordError(str(error)) from None
    said = read_lines(outputs, Output)
    try:
        matched = match(said, asked)
    except ValueError as error:
        raise RecordError(f"{outputs}: {error}") from None
    responses = [strip_trace(output.response) for output in said]
    verdicts = [judge_response(prompt, response) for prompt, response in zip(matched, responses, strict=True)]
    write_whole(
        to,
        (
            line(
                {
                    "key": prompt.key,
                    "instruction_id_list": verdict.kinds,
                    "strict": verdict.strict,
                    "loose": verdict.loose,
                }
            )
            for prompt, verdict in zip(matched, verdicts, strict=True)
        ),
    )
    card = make_scorecard(
        verdicts,
        n_prompts=len(asked),
        prompts_digest=prompts_digest(asked),
        n_empty=sum(not response.strip() for response in responses),
    )
    if scorecard:
        write_whole(scorecard, [json.dumps(card.as_dict(), indent=1).encode() + b"\n"])
    click.echo(
        f"{len(asked)} prompts, {card.n_not_judged} without a response, {card.n_empty} with an empty one\n"
        f"prompt level       {_row(card.prompt_level)}\n"
        f"instruction level  {_row(card.instruction_level)}"
    )


def match(outputs: list[Output], prompts: "list[IFEvalPrompt]") -> "list[IFEvalPrompt]":
    """Find the prompt of each output.

    Args:
        outputs: What the model said.
        prompts: What was asked.

    Returns:
        One prompt per output, in order.

    Raises:
        ValueError: An output names no prompt of the file or several, or two outputs name the same; gives its position,
            from 1.
    """
    by_key = {str(prompt.key): [prompt] for prompt in prompts}
    by_text: dict[str, list[IFEvalPrompt]] = {}
    for prompt in prompts:
        by_text.setdefault(prompt.prompt, []).append(prompt)
    found: list[IFEvalPrompt] = []
    seen: dict[int | str, int] = {}
    for number, output in enumerate(outputs, start=1):
        if output.key is not None:
            named, given = by_key.get(str(output.key), []), f"key {output.key}"
        else:
            named, given = by_text.get(output.prompt or "", []), f"prompt {(output.prompt or '')[:60]!r}"
        if not named:
            raise ValueError(
                f"output {number}: no prompt of the file has {given}; give `key`, or `prompt` word for word"
            )
        if len(named) > 1:
            raise ValueError(f"output {number}: {len(named)} prompts of the file have {given}; give `key`")
        prompt = named[0]
        if prompt.key in seen:
            raise ValueError(
                f"output {number} responds to the prompt of output {seen[prompt.key]} again (key {prompt.key}); "
                "score one response per prompt at a time"
            )
        seen[prompt.key] = number
        found.append(prompt)
    return found


def _row(accuracy: "Accuracy") -> str:
    if accuracy.strict_interval is None or accuracy.loose_interval is None:
        return "nothing was judged"
    shown = (
        f"{name} {value:.1%} [{low:.1%}, {high:.1%}]"
        for name, value, (low, high) in (
            ("strict", accuracy.strict, accuracy.strict_interval),
            ("loose", accuracy.loose, accuracy.loose_interval),
        )
    )
    return f"{', '.join(shown)} of {accuracy.n}"
