"""The card of a registered model: Markdown behind the YAML header that the Hugging Face hub reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quintain.reporting.table import leaderboard_table, markdown_table

_METHODS = {
    "world": "Trained from scratch on the texts of the embedded world.",
    "synthesis": "Instruction pairs reconstructed from web pages (WebR, [arXiv:2504.15573](https://arxiv.org/abs/2504.15573)).",
    "finetuning": "Fine-tuned on those pairs, the loss on the responses alone.",
    "distillation": "Rounds of imitation, discrimination and generation against a teacher (Lion, [arXiv:2305.12870](https://arxiv.org/abs/2305.12870)).",
    "preference": "Preference training on losing responses that were corrected in few places (BMC, [arXiv:2408.07471](https://arxiv.org/abs/2408.07471)).",
    "editing": "Aligned to answer under edits that a memory finds (LTE, [arXiv:2402.11905](https://arxiv.org/abs/2402.11905)).",
}
"""Pipeline → what it does to a model, in the order of the lifecycle."""


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """What a card tells of a version."""

    name: str
    """Name of the registered model."""
    version: str
    student: str
    digest: str
    """SHA-256 of the weights."""
    scorecard: Mapping[str, Any]
    """JSON of the scorecard."""
    git_commit: str
    """Commit of the code; empty outside git."""
    weights: str
    """Where DVC keeps the weights: path and hash."""
    parents: Sequence[str]
    """The versions that it descends from, in words, nearest first."""
    stages: Sequence[str]
    """Names of the stages behind it, the first first."""
    parameters: Mapping[str, str]
    """Parameters and numbers of its own training."""
    calls: Sequence[Mapping[str, Any]]
    """What the ledger holds of those stages."""
    funnel: Mapping[str, Any] | None = None
    """JSON of the synthesis funnel; None where the one that led to this version is not at hand."""
    licences: Mapping[str, int] = field(default_factory=dict)
    """Licence → pages behind the training data."""
    merged: bool = False
    """Whether the files beside the card are an adapter merged into its base."""
    figures: Sequence[str] = ()
    """Pictures beside the card, by their paths."""


def model_card(facts: CardFacts) -> str:
    """Write the card.

    Args:
        facts: What is known of the version.

    Returns:
        Markdown: how to load the model, how it was made and from what, what it scored, and where its limits are.
    """
    card = facts.scorecard
    parts = [
        f"---\n{_header(facts)}\n---",
        f"# {facts.name} {facts.version}: {facts.student}",
        f"A language model that learnt to follow instructions, made and measured by Quintain. "
        f"Version {facts.version} of `{facts.name}`, weights `{facts.digest}`.",
        "## How to load",
        _loading(facts),
        "## How it was made",
        "\n".join(f"{i}. {text}" for i, text in enumerate(_methods(facts.stages), start=1))
        or "The stages behind it are not recorded.",
        f"It descends from {', which descends from '.join(facts.parents)}."
        if facts.parents
        else "It was trained from scratch.",
        _training(facts.parameters),
        f"Code: {f'commit `{facts.git_commit}`' if facts.git_commit else 'outside git'}. Weights: {facts.weights}.",
        "## Data",
        _funnel(facts),
        _licences(facts),
        _calls(facts),
        "## Scorecard",
        _measured(card),
        leaderboard_table([{**card, "model": facts.student}]),
        _categories(card),
        *(f"![{path}]({path})" for path in facts.figures),
        "## Limits",
        "\n".join(f"- {limit}" for limit in _limits(card)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _header(facts: CardFacts) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    card = facts.scorecard
    macro, pack = card["macro"], card["pack"]
    scores = {
        "hard satisfaction rate": macro["hsr_mean"],
        "soft satisfaction rate": macro["ssr_mean"],
        "consistent satisfaction levels": macro["csl"],
    }
    measured = {name: value for name, value in scores.items() if value is not None}
    return str(
        ModelCardData(
            language=pack["language"],
            license="other",
            license_name="licences-of-the-training-data",
            library_name="transformers",
            pipeline_tag="text-generation",
            tags=["quintain", "instruction-following", *_pipelines(facts.stages)],
            model_name=f"{facts.name}-{facts.version}",
            eval_results=[
                EvalResult(
                    task_type="text-generation",
                    dataset_type="followbench",
                    dataset_name=f"{pack['name']} {pack['digest']}",
                    metric_type=name.replace(" ", "_"),
                    metric_name=f"{name}, {card['judge'] or 'by rules'}",
                    metric_value=round(value, 4),
                )
                for name, value in measured.items()
            ]
            or None,
        ).to_yaml()
    )


def _loading(facts: CardFacts) -> str:
    merged = "The adapter is merged into its base here, so these files have another digest. " if facts.merged else ""
    return (
        f"{merged}With the files beside this card:\n\n"
        "```python\n"
        "from transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
        'folder = "."\n'
        "tokenizer = AutoTokenizer.from_pretrained(folder)\n"
        "model = AutoModelForCausalLM.from_pretrained(folder)\n"
        'chat = [{"role": "user", "content": "…"}]\n'
        "prompt = tokenizer.apply_chat_template(\n"
        '    chat, add_generation_prompt=True, return_tensors="pt", return_dict=True\n'
        ")\n"
        f"model.generate(**prompt, max_new_tokens={facts.scorecard['sampling']['max_new_tokens']})\n"
        "```\n\n"
        "From the registry that made it:\n\n"
        "```bash\n"
        f"quintain models pull {facts.version} --to FOLDER\n"
        "```"
    )


def _pipelines(stages: Sequence[str]) -> list[str]:
    present = {stage.partition("-")[0] for stage in stages}
    return [pipeline for pipeline in _METHODS if pipeline in present]


def _methods(stages: Sequence[str]) -> list[str]:
    return [_METHODS[pipeline] for pipeline in _pipelines(stages)]


def _training(parameters: Mapping[str, str]) -> str:
    if not parameters:
        return ""
    return markdown_table(("its own training", "value"), [(name, _rounded(parameters[name])) for name in parameters])


def _rounded(value: str) -> str:
    """A number with four digits; anything else as it is.

    >>> _rounded("0.38270023465156555"), _rounded("bridged"), _rounded("2600039")
    ('0.3827', 'bridged', '2600039')
    """
    try:
        return value if value.lstrip("-").isdigit() else f"{float(value):.4g}"
    except ValueError:
        return value


def _funnel(facts: CardFacts) -> str:
    if facts.funnel is None:
        return "The funnel of its training data is not at hand."
    rows = [
        (f"{what}: {stage}", f"{count['entered']:,}", f"{count['passed']:,}",
         ", ".join(f"{n:,} {why}" for why, n in count["dropped"].items()) or "–")
        for what in ("pages", "pairs") for stage, count in facts.funnel[what].items()
    ]  # fmt: skip
    return markdown_table(("stage", "entered", "passed", "dropped"), rows)


def _licences(facts: CardFacts) -> str:
    if not facts.licences:
        return "The licences of its training data are not at hand; check them before you use the model."
    rows = sorted(facts.licences.items(), key=lambda item: (-item[1], item[0]))
    table = markdown_table(("licence", "pages"), [(name or "not stated", f"{count:,}") for name, count in rows])
    return f"Pages behind its training data, by licence; check that you may use what was made of them.\n\n{table}"


def _calls(facts: CardFacts) -> str:
    if not facts.calls:
        return ""
    rows = [
        (call["role"], call["model"], call["prompt"], f"{call['calls']:,}",
         f"{call['prompt_tokens']:,}", f"{call['completion_tokens']:,}")
        for call in facts.calls
    ]  # fmt: skip
    table = markdown_table(("role", "model", "prompt", "calls", "tokens read", "tokens written"), rows)
    return f"Models that took part, by the ledger of the pipelines behind it:\n\n{table}"


def _measured(card: Mapping[str, Any]) -> str:
    low, high = card["macro"]["intervals"]["hsr_mean"]
    mean = card["macro"]["hsr_mean"]
    headline = (
        "Nothing of the pack could be scored."
        if mean is None
        else f"Hard satisfaction rate {100 * mean:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f})."
    )
    sampling = ", ".join(f"{name} {value}" for name, value in card["sampling"].items())
    return (
        f"{headline} FollowBench ([arXiv:2310.20410](https://arxiv.org/abs/2310.20410)) on the pack "
        f"{card['pack']['name']} `{card['pack']['digest']}`, {card['n_items']} items, judged by "
        f"{card['judge'] or 'rules alone'}; {sampling}. Rates in percent, macro over categories; levels are numbers of "
        "constraints."
    )


def _categories(card: Mapping[str, Any]) -> str:
    rows = []
    for name, score in card["categories"].items():
        low, high = score["intervals"]["hsr_mean"]
        scored = score["hsr_mean"] is not None
        interval = f"{100 * low:.1f} to {100 * high:.1f}" if scored else "–"
        rows.append((name, f"{100 * score['hsr_mean']:.1f}" if scored else "–", interval, str(score["n_scored"])))
    return markdown_table(("category", "HSR", "95 % interval", "items"), rows)


def _limits(card: Mapping[str, Any]) -> list[str]:
    limits = [
        f"Measured in `{card['pack']['language']}` and on constraints only: not for truth, safety or other languages.",
        "Numbers compare with those of other models on the same pack, rules, judge and sampling, and on no other.",
        f"{card['n_unread']} of {card['n_scored']} scored items have a verdict that could not be read; "
        f"{card['n_not_scored']} were not scored.",
    ]
    scored = {name: each for name, each in card["categories"].items() if each["hsr_mean"] is not None}
    if scored:
        worst = min(scored, key=lambda name: scored[name]["hsr_mean"])
        limits.append(f"Weakest category: {worst}, {100 * scored[worst]['hsr_mean']:.1f} %.")
    first, last = card["macro"]["hsr"][0], card["macro"]["hsr"][-1]
    if first is not None and last is not None:
        limits.append(f"From one constraint to five it falls from {100 * first:.1f} to {100 * last:.1f} %.")
    return limits
