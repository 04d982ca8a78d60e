"""`quintain score-ifeval`: score outputs that were made elsewhere against IFEval, in any folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from quintain.benchmarks.verifiable.prompts import VerifiablePrompt

_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class Output:
    """One line of OUTPUTS; known by its key, or by the text of its prompt where it has none."""

    response: str | None = None
    """The whole completion; null or missing counts as empty."""
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

    from quintain.benchmarks.ifeval.outputs import card, judge_output
    from quintain.benchmarks.verifiable.prompts import read_prompts
    from quintain.cli.json_lines import line, read_foreign_lines, write_whole
    from quintain.errors import RecordError
    from quintain.text.traces import strip_trace

    try:
        asked = read_prompts(prompts)
    except ValueError as error:
        raise RecordError(str(error)) from None
    said = read_foreign_lines(outputs, Output)
    try:
        matched = match(said, asked)
    except ValueError as error:
        raise RecordError(f"{outputs}: {error}") from None
    judgements = [
        judge_output(prompt, strip_trace(output.response or "")) for prompt, output in zip(matched, said, strict=True)
    ]
    write_whole(
        to,
        (
            line(
                {
                    "key": prompt.key,
                    "instruction_id_list": [each.kind for each in prompt.instructions],
                    "strict": judgement.satisfied,
                    "loose": judgement.loose,
                }
            )
            for prompt, judgement in zip(matched, judgements, strict=True)
        ),
    )
    numbers = card(asked, judgements)
    if scorecard:
        write_whole(scorecard, [json.dumps(numbers, indent=1).encode() + b"\n"])
    click.echo(
        f"{len(asked)} prompts, {numbers['n_not_judged']} without a response, {numbers['n_empty']} with an empty one\n"
        f"prompt level       {_row(numbers['prompt_level'])}\n"
        f"instruction level  {_row(numbers['instruction_level'])}"
    )


def match(outputs: list[Output], prompts: "list[VerifiablePrompt]") -> "list[VerifiablePrompt]":
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
    by_text: dict[str, list[VerifiablePrompt]] = {}
    for prompt in prompts:
        by_text.setdefault(prompt.prompt.strip(), []).append(prompt)
    found: list[VerifiablePrompt] = []
    seen: dict[int | str, int] = {}
    for number, output in enumerate(outputs, start=1):
        if output.key is not None:
            named, given = by_key.get(str(output.key), []), f"key {output.key}"
        else:
            named, given = by_text.get((output.prompt or "").strip(), []), f"prompt {(output.prompt or '')[:60]!r}"
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


def _row(accuracy: dict[str, Any]) -> str:
    if accuracy["strict_interval"] is None:
        return "nothing was judged"
    shown = (
        f"{name} {accuracy[name]:.1%} [{low:.1%}, {high:.1%}]"
        for name, (low, high) in ((name, accuracy[f"{name}_interval"]) for name in ("strict", "loose"))
    )
    return f"{', '.join(shown)} of {accuracy['n']}"
