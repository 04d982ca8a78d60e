"""KnowEdit's files: edits with every probe of every aspect and every spelling of every answer.

Beside KnowEdit's own fields a row may have `relation`, `aliases` and `paraphrases`, as the rows of `quintain packs
build-edits` do.

Source: Zhang et al. 2024, "A Comprehensive Study of Knowledge Editing for LLMs", arXiv:2401.01286. The authors of LTE
use the first probe of an aspect and the first spelling alone, a third to a half of what is there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quintain.records import EditAspect, EditCase, EditProbe

_ASPECTS: dict[str, EditAspect] = {
    "Subject_Aliasing": "subject-aliasing",
    "Reasoning": "reasoning",
    "Logical_Generalization": "logical-generalization",
    "Relation_Specificity": "relation-specificity",
    "Forgetfulness": "forgetfulness",
    "Far": "far",  # of this project's own edits: questions about another subject
}


def read_cases(dataset: str, rows: Sequence[Mapping[str, Any]]) -> list[EditCase]:
    """Read the rows of a KnowEdit file, ZsRE, WikiBio or one of the Wiki sets alike.

    Args:
        dataset: Name for the cases' ids.
        rows: The parsed JSON.

    Returns:
        One case per row; nothing is left out or corrected, see `faults`.

    Raises:
        ValueError: A row lacks a field, or has an aspect that is not known; names the row.

    >>> row = {"subject": "Veldmark", "prompt": "The mayor of Veldmark is", "target_new": "Ada", "ground_truth": "Bo",
    ...        "portability": {}, "locality": {"Forgetfulness": [{"prompt": "…", "ground_truth": [["Bo", "B."]]}]}}
    >>> case = read_cases("made-up", [row])[0]
    >>> case.id, case.ground_truth, case.probes[0].answers
    ('made-up:0', ('Bo',), (('Bo', 'B.'),))
    """
    return [_case(f"{dataset}:{number}", row) for number, row in enumerate(rows)]


def _case(case_id: str, row: Mapping[str, Any]) -> EditCase:
    try:
        if "labels" in row:  # WikiBio: a text to go on with
            edit = {"subject": row["concept"], "prompt": row["text"], "target_new": row["labels"]}
        else:
            edit = {name: row[name] for name in ("subject", "prompt", "target_new")}
        former = row.get("ground_truth") or ()
        former = (former,) if isinstance(former, str) else tuple(former)
        given: dict[str, Any] = {name: tuple(row.get(name) or ()) for name in ("aliases", "paraphrases")}
        given["relation"] = row.get("relation") or ""
        return EditCase(id=case_id, **edit, **given, ground_truth=former, probes=tuple(_probes(row)))
    except KeyError as error:
        raise ValueError(f"{case_id} has no field or knows no aspect {error}; is this a file of KnowEdit?") from None


def _probes(row: Mapping[str, Any]) -> Iterator[EditProbe]:
    if "rephrase_prompt" in row:
        yield EditProbe(aspect="rephrase", prompt=row["rephrase_prompt"], answers=((row["target_new"],),))
    for group in ("portability", "locality"):
        for name, probes in (row.get(group) or {}).items():
            for probe in probes:
                yield EditProbe(aspect=_ASPECTS[name], prompt=probe["prompt"], answers=_answers(probe["ground_truth"]))


def _answers(given: str | Sequence[str | Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """One text, a list of answers, or a list of answers with all their spellings."""
    answers = [given] if isinstance(given, str) else given
    return tuple((answer,) if isinstance(answer, str) else tuple(answer) for answer in answers)
