"""Usage is counted, summed by role and priced in one place."""

import pytest

from quintain.records import Completion
from quintain.usage import NOTHING, Price, RoleUsage, Usage, by_role, money


def answered(read, written):
    return Completion(request_id="r", text="x", finish_reason="stop", prompt_tokens=read, completion_tokens=written)


def test_completions_are_counted():
    assert Usage.of([answered(3, 2), answered(10, 0)]) == Usage(2, 13, 2)
    assert Usage.of([]) == NOTHING
    assert RoleUsage.on("judge", [answered(3, 2)], "m") == RoleUsage(1, 3, 2, role="judge", model="m")


def test_questions_to_one_role_are_summed():
    asked = [
        RoleUsage(10, 1000, 100, role="author"),
        RoleUsage(10, 2000, 500, role="teacher"),
        RoleUsage(4, 800, 100, role="teacher"),
    ]
    assert by_role(asked) == {"author": Usage(10, 1000, 100), "teacher": Usage(14, 2800, 600)}


def test_money_is_known_when_every_role_has_a_price():
    usages = {"author": Usage(10, 1000, 100), "teacher": Usage(14, 2800, 600)}
    prices = {role: Price(input=1.0, output=2.0) for role in usages}
    # read 3,800 at 1 and written 700 at 2 per million
    assert money(usages, prices) == pytest.approx(0.0052)
    assert money(usages, {"author": prices["author"]}) is None
    assert money({}, {}) == 0
