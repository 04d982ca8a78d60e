"""The card of a synthesised dataset: Markdown behind the YAML header that the Hugging Face hub reads."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import yaml

from quintain.methods.webr import WebrParams
from quintain.records import InstructionPair, WebPage

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_MOST_SITES = 10


def dataset_card(
    pairs: Collection[InstructionPair],
    pages: Iterable[WebPage],
    funnel: Mapping[str, Any],
    evidence: Mapping[str, Any],
    params: WebrParams,
) -> str:
    """Write the card of a dataset of instruction pairs.

    Args:
        pairs: The rows.
        pages: All pages of the run.
        funnel: JSON of `synthesis_funnel`.
        evidence: JSON of `synthesis_evidence`.
        params: Settings of the method.

    Returns:
        Markdown: sources, licences, funnel, filters, prompts, models, cost, and what is known of its quality.
    """
    used = {pair.page_id for pair in pairs}
    behind = [page for page in pages if page.id in used]
    prompts = Counter(prompt for pair in pairs for prompt in pair.origin.knobs["prompts"].split())
    models = {"teacher": Counter(pair.origin.model for pair in pairs)}
    models["author"] = Counter(pair.origin.knobs["author_model"] for pair in pairs)
    mixture = evidence["mixture"]
    return "\n".join(
        [
            "---",
            yaml.safe_dump(_header(len(pairs), behind), sort_keys=False).strip(),
            "---",
            "",
            "# Instruction pairs from web pages",
            "",
            f"{len(pairs):,} chats of two turns in the column `messages`, made by web reconstruction "
            f"(WebR, arXiv:2504.15573, {params.mode} mode, seed {params.seed}). "
            f"{mixture['web_as_instruction']:,} rows show a page and ask for something made from it; "
            f"{mixture['web_as_response']:,} ask a question whose response was improved with a page that the reader "
            "never sees. `parents` leads from each row over every call to a model to its page.",
            "",
            "## Sources",
            "",
            f"{len(behind):,} pages. The texts of web-as-instruction rows are theirs, under their own licences; check "
            "that you may use them.",
            "",
            *_table(("site", "pages"), _top(Counter(urlsplit(page.url).netloc or "-" for page in behind))),
            "",
            *_table(("licence", "pages"), _top(Counter(page.licence or "not stated" for page in behind))),
            "",
            *_table(("language", "pages"), _top(Counter(page.language or "not stated" for page in behind))),
            "",
            "## Funnel",
            "",
            *_table(("stage", "entered", "passed", "dropped"), _stages(funnel)),
            "",
            "## Filters",
            "",
            *_filters(params, evidence),
            "",
            "## Models and prompts",
            "",
            *_table(("role", "model", "rows"), [(role, *row) for role, names in models.items() for row in _top(names)]),
            "",
            "Each prompt is named with a hash of its wording.",
            "",
            *_table(("prompt", "rows"), sorted(prompts.items())),
            "",
            "## Cost",
            "",
            *_table(("role", "calls", "tokens read", "tokens written"), _spent(funnel["spent"])),
            "",
            _cost(evidence["cost_per_row"]),
            "",
            "## Measured on these rows",
            "",
            *_table(("measure", "value", "95 % interval"), measures(evidence)),
            "",
        ]
    )


def measures(evidence: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The headline measures with their intervals, as text; what could not be measured is a dash.

    Args:
        evidence: JSON of `synthesis_evidence`.

    Returns:
        Name, value and interval of each.
    """
    retrieval, grounding, copying = evidence["retrieval"], evidence["grounding"], evidence["copying"]
    found = {
        "request finds its own page (mean reciprocal rank, BM25)": retrieval["own_page"],
        "request finds another row's page": retrieval["random_page"],
        "roll-out stands on its page (share of content words)": grounding["rollout"],
        "refined response stands on its page": grounding["refined"],
        "rise by refinement": grounding["rise"],
        "web-as-instruction response stands on its page": grounding["web_as_instruction"],
        "demands per web-as-instruction request": evidence["demands"]["per_request"],
        "share of a web-as-instruction response copied in one run": copying["web_as_instruction"]["share_of_response"],
        "share of a web-as-response response copied in one run": copying["web_as_response"]["share_of_response"],
    }
    return [
        (name, f"{mean['mean']:.3f}", f"{mean['low']:.3f} to {mean['high']:.3f}") if mean else (name, "–", "–")
        for name, mean in found.items()
    ]


def _header(rows: int, pages: Sequence[WebPage]) -> dict[str, Any]:
    languages = sorted({page.language for page in pages if page.language})
    return {
        "pretty_name": "Instruction pairs from web pages",
        **({"language": languages} if languages else {}),
        "license": "other",
        "license_name": "licences-of-the-pages",
        "task_categories": ["text-generation"],
        "tags": ["synthetic", "instruction-tuning", "webr", "quintain"],
        "size_categories": [next((name for size, name in _SIZES if rows < size), "n>1M")],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": "data/train.parquet"}]}],
    }


def _stages(funnel: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            f"{what}: {stage}",
            f"{count['entered']:,}",
            f"{count['passed']:,}",
            ", ".join(f"{n:,} {why}" for why, n in count["dropped"].items()) or "–",
        )
        for what in ("pages", "pairs")
        for stage, count in funnel[what].items()
    ]


def _filters(params: WebrParams, evidence: Mapping[str, Any]) -> list[str]:
    contamination, duplicates = evidence["contamination"], evidence["duplicates"]
    return [
        f"- Near-duplicate requests: Jaccard similarity of {params.shingle_words}-word shingles from "
        f"{params.duplicate_similarity}, verified exactly; {duplicates['rows']:,} rows in "
        f"{duplicates['clusters']:,} clusters.",
        f"- Decontamination against {contamination['held_out']:,} evaluation items: {contamination['rows']:,} rows "
        f"held {contamination['items']:,} of them and were dropped.",
        f"- Refusals, truncated and empty answers, requests that point at an unseen text"
        f"{' (not in paper mode)' if params.mode == 'paper' else ''}.",
        f"- Rows whose refinement has less of the page than the roll-out: "
        f"{'dropped' if params.less_grounded == 'drop' else 'flagged in `knobs`'}.",
        f"- Mixture {params.as_instruction}:{params.as_response}; {evidence['pages']['cut']:,} pages lost their end "
        f"after {params.max_page_words:,} words.",
        f"- {evidence['pages']['instruction_like']:,} of all pages hold a passage that reads like an instruction to a "
        "model; they were kept, pages being data in every prompt.",
    ]


def _spent(spent: Mapping[str, Any]) -> list[tuple[str, ...]]:
    columns = ("calls", "prompt_tokens", "completion_tokens")
    return [(role, *(f"{one[name]:,}" for name in columns)) for role, one in sorted(spent.items())]


def _cost(per_row: Mapping[str, float | None]) -> str:
    money = per_row["money"]
    return (
        f"Per kept row: {per_row['calls']} calls, {per_row['prompt_tokens']} tokens read, "
        f"{per_row['completion_tokens']} written, {'money not known' if money is None else f'{money:g} in money'}."
    )


def _top(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ranked[_MOST_SITES:])
    shown = [(name, f"{count:,}") for name, count in ranked[:_MOST_SITES]]
    return [*shown, (f"{len(ranked) - _MOST_SITES:,} others", f"{rest:,}")] if rest else shown


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    ]
