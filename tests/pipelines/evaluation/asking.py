"""Responses and students that evaluation asks for."""

from quintain.models.roles import Roles
from quintain.prompts import request
from quintain.records import Completion, ConstraintItem


def completion(item: ConstraintItem, text: str, finish_reason: str = "stop") -> Completion:
    asked = request("student/instruction", {"instruction": item.instruction})
    return Completion(request_id=asked.id, text=text, finish_reason=finish_reason)


def local_student(ledger):
    return Roles(ledger=str(ledger), bindings={"student": {"backend": "local"}})
