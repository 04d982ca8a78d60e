"""Time and room of an edit are measured on a real memory."""

import pytest

from quintain.edit_memory.costs import measure_costs
from quintain.methods.lte.edits import edit_of
from tests.methods.lte.cases import case, fresh_in


def test_an_edit_costs_time_to_add_and_to_find_and_room_on_disk(tmp_path):
    costs = measure_costs([edit_of(case(number)) for number in range(5)], fresh_in(tmp_path))
    assert costs["add_ms"] > 0
    assert costs["search_ms"] > 0
    # two vectors of 1024 float32 at least
    assert costs["bytes_per_edit"] > 2 * 1024 * 4


def test_no_edits_cannot_be_measured(tmp_path):
    with pytest.raises(ValueError, match="at least one edit"):
        measure_costs([], fresh_in(tmp_path))
