"""Models of others that students start from: where they are, and how they behave."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quintain.available_memory import available_memory
from quintain.doctor.finding import Finding, fault, good, warning
from quintain.doctor.plan import Plan
from quintain.doctor.sizes import gib
from quintain.errors import ModelError, QuintainError
from quintain.lifecycle import Student
from quintain.models.folder import folder_digest, is_adapter, require_model

_REVISION_DIGITS = 40
_TEMPLATES = ("chat_template.jinja", "chat_template.json", "additional_chat_templates")


def found_starts(plan: Plan) -> Iterator[Finding]:
    """See that every model is a folder with a chat template, or pinned on the hub; nothing is fetched or opened."""
    for start in dict.fromkeys(student.start for student in foreign_students(plan)):
        source, revision = source_of(plan, start)
        at = plan.place("globals", start, "source")
        if not source:
            yield fault(start, "no model is named", "set `source` to a folder in Hugging Face layout, or to owner/name "
                        "on the hub with its `revision`", at)  # fmt: skip
        elif Path(source).is_dir():
            yield from _folder(start, Path(source), at)
        elif source.count("/") != 1 or source.startswith((".", "/", "~")):
            yield fault(start, f"{source} is no folder here, and no model of the hub, which reads owner/name",
                        "name a folder that is there; `quintain models import` makes one", at)  # fmt: skip
        elif len(revision) != _REVISION_DIGITS:
            yield fault(
                start, f"{source} is no folder here, and as a model of the hub it is pinned to no revision, got "
                f"{revision!r}", f"set `revision` to the {_REVISION_DIGITS} digits of a commit on its page, or name a "
                "folder", plan.place("globals", start, "revision"),
            )  # fmt: skip
        else:
            yield good(start, f"{source}@{revision} on the hub")


def _folder(start: str, folder: Path, at: str) -> Iterator[Finding]:
    try:
        require_model(folder)
    except ModelError as error:
        yield fault(start, str(error), "", at)
        return
    if has_template(folder):
        yield good(start, str(folder))
    else:
        yield fault(start, f"{folder} has no chat template, as base models have none",
                    f"import it with one: `quintain models import {folder} --to NEW --chat-template chatml`, and name "
                    "NEW as `source`", at)  # fmt: skip


def has_template(folder: Path) -> bool:
    """True where a tokenizer's folder holds a chat template, as transformers looks for one."""
    if any((folder / name).exists() for name in _TEMPLATES):
        return True
    try:
        settings: Any = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(settings, dict) and bool(settings.get("chat_template"))


def broken_starts(plan: Plan) -> set[str]:
    """Starts with a fault that `found_starts` says."""
    return {found.subject for found in found_starts(plan) if found.grade == "fault"}


def reported_starts(plan: Plan) -> Iterator[Finding]:
    """Report on every model that is found: what it is, and how its chat template behaves."""
    seen = broken_starts(plan)
    for student in plan.lifecycle.students:
        if not student.start or student.start in seen:
            continue
        seen.add(student.start)
        try:
            folder = start_folder(plan, student)
            if folder is None:
                yield good(student.name, "trained from scratch by this run; there is no model to report on yet")
            elif is_adapter(folder):
                yield good(student.name, f"{folder} is an adapter; reports are made of whole models")
            else:
                yield from _report(student.name, folder)
        except QuintainError as error:
            yield fault(student.name, str(error), "", plan.place("globals", student.start, "source"))


def _report(name: str, folder: Path) -> Iterator[Finding]:
    from quintain.models.importing.imported_folder import report_on
    from quintain.models.importing.model_report import read_report, report_rows

    report = read_report(folder)
    if report is None or report.digest != folder_digest(folder):
        size, left = sum(file.stat().st_size for file in folder.glob("*.safetensors")), available_memory()
        if size > left.size_bytes:
            room = f"{left.limited_by} has {gib(left.size_bytes)} of memory left"
            yield warning(name, f"its weights take {gib(size)}, and {room}: no report is made")
            return
        report = report_on(folder)
    yield good(name, str(folder), facts=[row for row in report_rows(report) if row[0] != "note"])
    for note in report.notes:
        yield warning(name, note)


def start_folder(plan: Plan, student: Student) -> Path | None:
    """Folder of the model that a student starts as.

    Args:
        plan: The run.
        student: A student with a start.

    Returns:
        The folder, fetched from the hub where it lies there; None where the embedded world has yet to train it.

    Raises:
        QuintainError: There is no such model, or it cannot be fetched.
    """
    if student.foreign:
        return Path(plan.read(f"{student.start}.source").path)
    view = f"{student.name}.model@ref"
    return Path(plan.entry(view)["filepath"]) if plan.keeps(view) else None


def source_of(plan: Plan, start: str) -> tuple[str, str]:
    """Source and revision of a foreign model, as its entry in the catalog has them."""
    entry = plan.entry(f"{start}.source")
    return str(entry.get("source") or ""), str(entry.get("revision") or "")


def foreign_students(plan: Plan) -> list[Student]:
    """Students that are models of others and that the run takes into the project."""
    read = set(plan.inputs())
    return [student for student in plan.lifecycle.students if student.foreign and f"{student.start}.source" in read]
