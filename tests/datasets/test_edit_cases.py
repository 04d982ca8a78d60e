"""Files of edits."""

import json

import pytest

from quintain.datasets import EditCasesDataset

ROWS = [{"subject": "Veldmark", "prompt": "The mayor of Veldmark is", "target_new": target} for target in ("Ada", "Bo")]


@pytest.mark.parametrize(
    ("name", "text"),
    [("mine.json", json.dumps(ROWS)), ("mine.jsonl", "\n".join(map(json.dumps, ROWS)) + "\n")],
)
def test_a_list_and_lines_of_json_are_the_same_edits(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    cases = EditCasesDataset(filepath=str(tmp_path / name)).load()
    assert [(case.id, case.target_new) for case in cases] == [("mine:0", "Ada"), ("mine:1", "Bo")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "does not exist; name your file of edits"),
        ("[{", "is no file of edits: "),
        ('[{"subject": "Veldmark"}]', "is no file of edits: mine:0 has no field"),
        ('"text"', "is no file of edits"),
    ],
)
def test_what_is_no_file_of_edits_is_named(tmp_path, text, message):
    path = tmp_path / "mine.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Exception, match=rf"mine\.json {message}"):
        EditCasesDataset(filepath=str(path)).load()


def test_edits_are_never_written(tmp_path):
    with pytest.raises(Exception, match="is read, never written"):
        EditCasesDataset(filepath=str(tmp_path / "mine.json")).save([])
