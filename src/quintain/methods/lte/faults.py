"""Faults of published edits: no-ops, contradictions, locality probes that ask for the edit itself."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from quintain.methods.lte.edits import Words, edit_of, fault_of, slot_of, word_forms
from quintain.methods.lte.gate import SlotGate, SlotWords, match_slot
from quintain.records import EditCase, EditProbe

FaultKind = Literal["unusable", "no-op", "conflict", "duplicate", "locality-asks-the-edit", "no-answer"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a case."""

    case_id: str
    """Id of the case."""
    kind: FaultKind
    """What kind of thing."""
    detail: str
    """The texts that show it."""
    probe: EditProbe | None = None
    """The probe at fault; None when it is the edit."""


def find_faults(cases: Sequence[EditCase]) -> list[Fault]:
    """Find what would spoil training or a score.

    - `no-op`: the target is the former answer.
    - `conflict`: another case sets the same slot to another target; `duplicate`: to the same one.
    - `locality-asks-the-edit`: a locality probe asks for the edited slot and expects the former answer, so a model that
      follows the edit is marked down.
    - `no-answer`: a probe with an empty answer.
    - `unusable`: no subject, prompt or target.

    Args:
        cases: The cases of one dataset.

    Returns:
        The faults, in the order of the cases.
    """
    by_slot: dict[tuple[Words, Words], list[EditCase]] = defaultdict(list)
    for case in cases:
        by_slot[slot_of(edit_of(case))].append(case)
    return [fault for case in cases for fault in _faults(case, by_slot[slot_of(edit_of(case))])]


def without_faults(cases: Sequence[EditCase], faults: Sequence[Fault]) -> list[EditCase]:
    """Leave out edits and probes at fault; of duplicates the first edit stays.

    Args:
        cases: The cases.
        faults: What `find_faults` found in them.

    Returns:
        The cases that stay, without their faulty probes.
    """
    spoiled = {fault.case_id for fault in faults if fault.probe is None and fault.kind != "duplicate"}
    probes = {(fault.case_id, fault.probe) for fault in faults if fault.probe}
    firsts: dict[object, str] = {}
    for case in cases:
        firsts.setdefault(slot_of(edit_of(case)), case.id)
    return [
        replace(case, probes=tuple(probe for probe in case.probes if (case.id, probe) not in probes))
        for case in cases
        if case.id not in spoiled and firsts[slot_of(edit_of(case))] == case.id
    ]


def as_rows(cases: Sequence[EditCase], faults: Sequence[Fault]) -> list[dict[str, str]]:
    """One row per edit with the kinds of its faults, for the suite `edits`."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for fault in faults:
        if fault.kind not in kinds[fault.case_id]:
            kinds[fault.case_id].append(fault.kind)
    return [
        {
            "id": case.id,
            "subject": case.subject,
            "prompt": case.prompt,
            "target_new": case.target_new,
            "faults": " ".join(kinds[case.id]),
        }
        for case in cases
    ]


def _faults(case: EditCase, same_slot: Sequence[EditCase]) -> Iterator[Fault]:
    edit = edit_of(case)
    if fault := fault_of(edit):
        yield Fault(case.id, "no-op" if "changes nothing" in fault else "unusable", fault)
    others = [other for other in same_slot if other.id != case.id]
    for kind, same in (("conflict", False), ("duplicate", True)):
        ids = [other.id for other in others if (_target(other) == _target(case)) is same]
        if ids:
            yield Fault(case.id, kind, f"{edit.prompt} → {edit.target_new}; also {', '.join(ids)}")  # type: ignore[arg-type]
    slot, former = SlotWords(edit), set(map(word_forms, edit.ground_truth))
    for probe in case.probes:
        said = {word_forms(spelling) for answer in probe.answers for spelling in answer}
        if not any(said):
            yield Fault(case.id, "no-answer", probe.prompt, probe)
        elif not probe.in_scope and said & former and _asks(probe, slot):
            detail = f"{edit.prompt} / {probe.prompt} → {probe.answers[0][0]}"
            yield Fault(case.id, "locality-asks-the-edit", detail, probe)


def _target(case: EditCase) -> Words:
    return word_forms(case.target_new)


def _asks(probe: EditProbe, slot: SlotWords) -> bool:
    return SlotGate().admits(match_slot(word_forms(probe.prompt), slot))
