"""Edits from a table: CSV with subject, prompt and target."""

import pytest

from quintain.datasets import EditCasesDataset
from quintain.errors import RecordError
from quintain.given.edit_table import read_edit_table

TABLE = '''\
subject,prompt,target,aliases,ground_truth
Veldmark,The mayor of Veldmark is,Ada Brook,Veld|Old Veldmark,
"Port ""Ost""",Who runs it?,"Bo, the elder",,"[""Tom"", ""Thomas""]"
'''


def test_a_table_of_edits_is_a_file_of_cases(tmp_path):
    (tmp_path / "mine.csv").write_text(TABLE, encoding="utf-8-sig")
    first, second = EditCasesDataset(filepath=str(tmp_path / "mine.csv")).load()
    assert (first.id, first.subject, first.target_new, first.aliases) == (
        "mine:0", "Veldmark", "Ada Brook", ("Veld", "Old Veldmark")
    )  # fmt: skip
    assert (second.subject, second.target_new) == ('Port "Ost"', "Bo, the elder")
    assert second.ground_truth == ("Tom", "Thomas")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("subject,prompt\na,b\n", "line 2: missing-column: target"),
        ("subject,prompt,target\na,b,c\nd,,f\n", "line 3: empty-cell: prompt"),
        ("subject,prompt,target,color\na,b,c,d\n", "line 2: unknown-column: 'color'; the columns can be subject"),
        ("subject,prompt,target\na,b\n", "line 2: ragged-row"),
        ("subject,prompt,target\n", "holds no edit"),
    ],
)
def test_a_table_that_is_none_of_edits_is_named(tmp_path, text, message):
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(RecordError, match=rf"mine\.csv.*{message}"):
        read_edit_table(tmp_path / "mine.csv")
