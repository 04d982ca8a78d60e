"""Edit results say what they were drawn with, and results of several students or memories measure none."""

import pytest

from quintain.errors import RecordError
from quintain.pipelines.editing.provenance import all_drawn_with, drawn_with
from tests.methods.lte.test_metrics import result

OF = {"student": "a", "original": "b", "memory": "c"}


def test_results_keep_their_ids_and_say_what_they_were_drawn_with():
    results = [result(probe=0), result(probe=1)]
    marked = drawn_with(results, OF)
    assert [each.id for each in marked] == [each.id for each in results]
    assert all_drawn_with(marked) == OF


def test_results_of_several_are_refused():
    one, other = drawn_with([result(probe=0)], OF), drawn_with([result(probe=1)], {**OF, "memory": "d"})
    with pytest.raises(RecordError, match="2 edit results were drawn with 2 different students or memories"):
        all_drawn_with([*one, *other])
