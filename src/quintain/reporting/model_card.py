"""The card of a registered model: Markdown behind the YAML header that the Hugging Face hub reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quintain.benchmarks.scorecard import Scorecard
from quintain.reporting.card_scores import categories_table, eval_results, limits, measured
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
_WORLD_DATA = "Data of the embedded world."


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """Facts of a version that its card tells."""

    name: str
    """Name of the registered model."""
    version: str
    student: str
    digest: str
    """SHA-256 of the weights."""
    scorecards: Mapping[str, Scorecard]
    """Benchmark → what it scored there, the headline benchmark first."""
    git_commit: str
    """Commit of the code; empty outside git."""
    weights: str
    """Where DVC keeps the weights: path and hash."""
    parents: Sequence[str]
    """The versions that it descends from, in words, nearest first."""
    start: str
    """Where the first of them started, such as `from NAME@REVISION`."""
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
    loading: str = ""
    """How to load the files beside the card, in Markdown; with transformers when empty."""
    figures: Sequence[str] = ()
    """Pictures beside the card, by their paths."""
    environment: str = ""
    """Environment of the run that registered it; empty for versions of former releases."""
    retention: str = ""
    """What it lost and gained against the version before it, as a Markdown table; empty where nothing compares."""


def model_card(facts: CardFacts) -> str:
    """Write the card.

    Args:
        facts: What is known of the version.

    Returns:
        Markdown: how to load the model, how it was made and from what, what it scored, and where its limits are.
    """
    parts = [
        f"---\n{_header(facts)}\n---",
        f"# {facts.name} {facts.version}: {facts.student}",
        f"A language model that learnt to follow instructions, made and measured by Quintain. "
        f"Version {facts.version} of `{facts.name}`, weights `{facts.digest}`.",
        "## How to load",
        _loading(facts),
        "## How it was made",
        "\n".join(f"{i}. {text}" for i, text in enumerate(_methods(facts), start=1))
        or "The stages behind it are not recorded.",
        f"It was registered by a run of the environment `{facts.environment}`." if facts.environment else "",
        _descent(facts),
        _training(facts.parameters),
        f"Code: {f'commit `{facts.git_commit}`' if facts.git_commit else 'outside git'}. Weights: {facts.weights}.",
        "## Data",
        _funnel(facts),
        _licences(facts),
        _calls(facts),
        "## Scorecards" if len(facts.scorecards) > 1 else "## Scorecard",
        *(part for name, card in facts.scorecards.items() for part in _scored(name, card, facts)),
        f"## Against {facts.parents[0]}" if facts.retention and facts.parents else "",
        facts.retention if facts.parents else "",
        *(f"![{path}]({path})" for path in facts.figures),
        "## Limits",
        "\n".join(f"- {limit}" for limit in limits(facts.scorecards)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _header(facts: CardFacts) -> str:
    from huggingface_hub import ModelCardData

    cards = facts.scorecards.values()
    return str(
        ModelCardData(
            language=sorted({card.benchmark.language for card in cards})
            if len(cards) > 1
            else _first(facts).benchmark.language,
            license="other",
            license_name="licences-of-the-training-data",
            library_name="transformers",
            pipeline_tag="text-generation",
            tags=["quintain", "instruction-following", *_pipelines(facts.stages)],
            model_name=f"{facts.name}-{facts.version}",
            eval_results=[each for card in cards for each in eval_results(card)] or None,
        ).to_yaml()
    )


def _first(facts: CardFacts) -> Scorecard:
    return next(iter(facts.scorecards.values()))


def _descent(facts: CardFacts) -> str:
    if not facts.parents:
        return f"It started {facts.start}."
    return f"It descends from {', which descends from '.join(facts.parents)}, which started {facts.start}."


def _loading(facts: CardFacts) -> str:
    merged = "The adapter is merged into its base here, so these files have another digest. " if facts.merged else ""
    beside = facts.loading or with_transformers(int(_first(facts).sampling.get("max_new_tokens", 256)))
    return (
        f"{merged}With the files beside this card:\n\n{beside}\n\n"
        "From the registry that made it:\n\n"
        "```bash\n"
        f"quintain models pull {facts.version} --to FOLDER\n"
        "```"
    )


def with_transformers(max_new_tokens: int = 256) -> str:
    """Lines of Python that load a folder and ask it, in Markdown."""
    return (
        "```python\n"
        "from transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
        'folder = "."\n'
        "tokenizer = AutoTokenizer.from_pretrained(folder)\n"
        "model = AutoModelForCausalLM.from_pretrained(folder)\n"
        'chat = [{"role": "user", "content": "…"}]\n'
        "prompt = tokenizer.apply_chat_template(\n"
        '    chat, add_generation_prompt=True, return_tensors="pt", return_dict=True\n'
        ")\n"
        f"model.generate(**prompt, max_new_tokens={max_new_tokens})\n"
        "```"
    )


def _pipelines(stages: Sequence[str]) -> list[str]:
    present = {stage.partition("-")[0] for stage in stages}
    return [pipeline for pipeline in _METHODS if pipeline in present]


def _methods(facts: CardFacts) -> list[str]:
    # The world also makes data for models that somebody else trained.
    scratch = facts.start == "from scratch"
    return [
        _WORLD_DATA if pipeline == "world" and not scratch else _METHODS[pipeline]
        for pipeline in _pipelines(facts.stages)
    ]


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


def _scored(name: str, card: Scorecard, facts: CardFacts) -> list[str]:
    title = [f"### {name}"] if len(facts.scorecards) > 1 else []
    return [*title, measured(card), leaderboard_table({facts.student: card}), categories_table(card)]
