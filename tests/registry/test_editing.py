"""Edit metrics belong to the weights and the memory that they were measured with."""

import pytest

from quintain.errors import RegistryError
from quintain.registry.editing import refuse_other_edits

THEN = {"student": "a" * 64, "original": "b" * 64, "memory": "c" * 64}


def test_metrics_of_what_is_registered_pass():
    refuse_other_edits({"measured_with": THEN}, "lte", THEN)


@pytest.mark.parametrize("what", THEN)
def test_metrics_of_anything_else_are_refused_with_the_command_that_makes_them_agree(what):
    with pytest.raises(RegistryError, match=f"{THEN[what][:12]}, now it is dddddddddddd; .*--namespaces lte.trials`"):
        refuse_other_edits({"measured_with": THEN}, "lte", {**THEN, what: "d" * 64})


def test_metrics_that_do_not_say_are_refused():
    with pytest.raises(RegistryError, match="measured with the weights unknown, now it is aaaaaaaaaaaa"):
        refuse_other_edits({"headline": {}}, "lte", THEN)
