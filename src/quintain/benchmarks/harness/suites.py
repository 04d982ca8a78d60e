"""Suites: the papers' tables beside FollowBench's, each part with the way it is asked and where that is from."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a suite.

    A task file of our own may stand for several tasks, such as `bbh`; so may a group of the harness, such as `mmlu`.
    """

    task: str
    """Name of a task file of ours, or of a task or group of the harness."""
    asked: str
    """How the papers ask it, or that nothing better is known than how the harness does."""
    source: str
    """Where that is from, and where its data are released."""
    metric: str = ""
    """Metric that scores an item, with a filter behind a comma where the task has several: `exact_match,flexible`."""
    home: str = ""
    """Folder of the harness's task files that holds it: reading one folder takes a moment, all of them seconds."""
    apart: bool = False
    """Whether each of its tasks is a category of its own, as where a paper averages over tasks; else they are one
    category, in which every item weighs alike."""


_GSM8K = Part(
    task="gsm8k",
    metric="exact_match,last-number",
    asked="zero-shot, step by step; the last number of the response counts",
    source="DPO-BMC (arXiv:2408.07471), eval/math; data: openai/grade-school-math, test.jsonl (MIT)",
)
_MMLU = Part(
    task="mmlu",
    metric="acc",
    home="mmlu/default",
    asked="zero-shot, likelihood of the four letters, as the harness does; neither paper says how",
    source="lm-evaluation-harness, task mmlu; data: cais/mmlu on the hub (MIT)",
)

SUITES: dict[str, tuple[Part, ...]] = {
    "lion": (
        Part(
            task="bbh",
            metric="exact_match,first-capital",
            apart=True,
            asked="zero-shot, 23 tasks as choices; the first capital letter of the response counts, mean over tasks",
            source="Lion (arXiv:2305.12870), table 3; data: suzgunmirac/BIG-Bench-Hard, folder bbh (MIT)",
        ),
        Part(
            task="agieval_en",
            metric="exact_match,first-capital",
            apart=True,
            asked="zero-shot, 8 English tasks as choices; the first capital letter of the response counts",
            source="Lion (arXiv:2305.12870), table 2; data: ruixiangcui/AGIEval, folder data/v1 (MIT)",
        ),
    ),
    # IFEval, the third of WebR's, is a benchmark of its own: `ifeval`.
    "webr": (
        _MMLU,
        Part(
            task="arc_challenge",
            metric="acc_norm",
            home="arc",
            asked="zero-shot, likelihood of the options' texts by their length, as the harness does",
            source="WebR names ARC and not how it asks; data: allenai/ai2_arc on the hub (CC-BY-SA-4.0)",
        ),
    ),
    "bmc": (
        Part(
            task="bmc_qa",
            metric="exact_match,named-letter",
            apart=True,
            asked="zero-shot, options with letters, the response ends with the letter",
            source="DPO-BMC, eval/QA: ECQA, QASC, OpenBookQA; data: CommonsenseQA (with ECQA's questions), QASC and "
            "OpenBookQA as released, JSON lines with question.stem and question.choices",
        ),
        Part(
            task="strategyqa",
            metric="exact_match,yes-or-no",
            asked="zero-shot, yes or no",
            source="DPO-BMC, table 1; data: StrategyQA as released, a list with question and answer (MIT)",
        ),
        _GSM8K,
        Part(
            task="minerva_math500",
            metric="math_verify",
            home="minerva_math",
            asked="as the harness does: four examples, answers compared as mathematics (extra lm_eval[math])",
            source="DPO-BMC, eval/math (math-oai, 500 problems); data: HuggingFaceH4/MATH-500 on the hub (MIT)",
        ),
    ),
    "retention": (
        _MMLU,
        Part(
            task="commonsense_qa",
            metric="acc",
            home="commonsense_qa",
            asked="zero-shot, likelihood of the five letters, as the harness does",
            source="LTE names CommonsenseQA; data: tau/commonsense_qa on the hub (MIT)",
        ),
        Part(
            task="piqa",
            metric="acc",
            home="piqa",
            asked="zero-shot, likelihood of the two solutions, as the harness does",
            source="LTE names PIQA; data: baber/piqa on the hub (AFL-3.0)",
        ),
        _GSM8K,
    ),
    "almanac": (
        Part(
            task="almanac_arithmetic",
            metric="exact_match,last-number",
            asked="sums and products in words; the last number of the response counts",
            source="drawn by the pipeline `world`",
        ),
        Part(
            task="almanac_two_hop",
            metric="acc",
            asked="a fact about a fact of the world, likelihood of four values of the same kind",
            source="drawn by the pipeline `world`",
        ),
    ),
}
"""Suite → its parts, in the order of the paper."""
