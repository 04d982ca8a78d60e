"""`quintain data import` and `export`, as they are typed."""

import json
import subprocess
import sys

import pytest

from tests.console import quintain

ALPACA = [
    {"instruction": "Add", "input": "1 2", "output": "3", "id": 7},
    {"instruction": "Say it", "input": "", "output": None},
    {"instruction": "Say it", "input": "", "output": "It."},
]


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture
def alpaca(tmp_path):
    (tmp_path / "alpaca.json").write_text(json.dumps(ALPACA, indent=1))
    return tmp_path


def test_an_import_says_what_it_took_the_file_for_and_last_how_many_it_kept(alpaca):
    done = quintain(alpaca, "data", "import", "alpaca.json", "--to", "out")
    said = done.stdout.strip().split("\n")
    assert (done.returncode, said[-1]) == (0, "kept 2 of 3")
    assert said[0].startswith(
        "alpaca.json: a JSON array, taken for Alpaca, since its rows have instruction, input, output"
    )
    pairs, (dropped,) = rows_of(alpaca / "out/pairs.jsonl"), rows_of(alpaca / "out/dropped.jsonl")
    assert [(pair["instruction"], pair["response"]) for pair in pairs] == [("Add\n\n1 2", "3"), ("Say it", "It.")]
    assert (dropped["reason"], dropped["where"]) == ("empty-response", "alpaca.json, line 8, item 2")
    assert not (alpaca / "out/preferences.jsonl").exists()
    report = json.loads((alpaca / "out/import.json").read_text())
    assert report["files"][0]["format"] == "alpaca"


def test_an_export_writes_the_rows_back(alpaca):
    quintain(alpaca, "data", "import", "alpaca.json", "--to", "out")
    done = quintain(alpaca, "data", "export", "out", "--to", "back.json")
    assert done.stdout == "2 rows → back.json\n"
    assert json.loads((alpaca / "back.json").read_text()) == [ALPACA[0], ALPACA[2]]
    for name in ("back.csv", "back.parquet", "back.jsonl"):
        assert quintain(alpaca, "data", "export", "out/pairs.jsonl", "--to", name).returncode == 0
        again = quintain(alpaca, "data", "import", name, "--to", f"again_{name}")
        assert again.stdout.strip().split("\n")[-1] == "kept 2 of 2"
    done = quintain(alpaca, "data", "export", "out", "--to", "chats.jsonl", "--format", "messages")
    assert rows_of(alpaca / "chats.jsonl")[0] == {
        "messages": [{"role": "user", "content": "Add\n\n1 2"}, {"role": "assistant", "content": "3"}], "id": 7,
    }  # fmt: skip


def test_a_folder_holds_what_the_last_import_wrote(alpaca):
    quintain(alpaca, "data", "import", "alpaca.json", "--to", "out")
    (alpaca / "out/mine.txt").write_text("stays")
    (alpaca / "pref.jsonl").write_text(json.dumps({"prompt": "p", "chosen": "a", "rejected": "b"}))
    done = quintain(alpaca, "data", "import", "pref.jsonl", "--to", "out")
    assert "removed out/pairs.jsonl, which a former import had written" in done.stdout
    assert sorted(path.name for path in (alpaca / "out").iterdir()) == [
        "dropped.jsonl", "import.json", "mine.txt", "preferences.jsonl"
    ]  # fmt: skip


def test_a_mapping_and_an_error_of_it(alpaca):
    (alpaca / "qa.csv").write_text("question,answer\nQ?,A\n")
    done = quintain(
        alpaca, "data", "import", "qa.csv", "--to", "qa", "--columns", "instruction=question,response=answer"
    )
    assert done.stdout.strip().endswith("kept 1 of 1")
    done = quintain(alpaca, "data", "import", "qa.csv", "--to", "none", "--columns", "instruction=Question")
    assert (done.returncode, "the columns are question, answer" in done.stderr) == (1, True)
    assert not (alpaca / "none/pairs.jsonl").exists()


def test_where_nothing_is_kept_the_last_line_says_so_and_the_exit_is_1(alpaca):
    chat = {"messages": [{"role": "user", "content": "u"}, {"role": "tool", "content": "t"}]}
    (alpaca / "tools.jsonl").write_text(json.dumps(chat))
    done = quintain(alpaca, "data", "import", "tools.jsonl", "--to", "out")
    assert (done.returncode, done.stdout.strip().split("\n")[-1]) == (1, "kept 0 of 1")
    assert rows_of(alpaca / "out/dropped.jsonl")[0]["reason"] == "tool-turn"


def test_benchmarks_and_copies_are_kept_out_on_request(alpaca):
    text = "Explain to a new colleague how the ferry between the two islands is booked for a whole family"
    leak = "Name the four largest rivers of the county of Ystad by their length, please"
    asked = [(text, "So."), (f"{text}!", "So."), ("Who?", leak)]
    rows = [{"instruction": instruction, "output": output} for instruction, output in asked]
    (alpaca / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (alpaca / "pack.jsonl").write_text(json.dumps({"prompt": "Name the four largest rivers of the county of Ystad"}))
    options = ("--held-out", "pack.jsonl", "--ngram-words", "6", "--near-duplicates", "0.9")
    done = quintain(alpaca, "data", "import", "a.jsonl", "--to", "out", *options)
    assert done.stdout.strip().split("\n")[-1] == "kept 1 of 3"
    assert {row["reason"] for row in rows_of(alpaca / "out/dropped.jsonl")} == {"held-out", "near-duplicate"}


def test_edits_become_a_file_that_edit_import_reads(alpaca):
    (alpaca / "edits.csv").write_text("subject,prompt,target\nVeldmark,The mayor of Veldmark is,Ada\n")
    assert quintain(alpaca, "data", "import", "edits.csv", "--to", "out").stdout.strip().endswith("kept 1 of 1")
    for name in ("out/edits.jsonl", "edits.csv"):
        done = quintain(alpaca, "edit", "import", "--memory", f"memory_{name[:3]}", name)
        assert "1 lines, 1 new edits in force" in done.stdout


def test_a_file_is_read_row_by_row_and_never_held(tmp_path):
    """The peak of a file three times as large is that of the smaller one, but for 11 to 22 bytes a row."""
    script = (
        "import resource, sys\nfrom quintain.cli import main\n"
        "sys.argv = ['quintain', 'data', 'import', sys.argv[1], '--to', sys.argv[2]]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 'torch' in sys.modules, 'pandas' in sys.modules)"
    )
    peaks = []
    for count in (2_000, 6_000):
        file = tmp_path / f"{count}.jsonl"
        with file.open("w") as lines:
            for number in range(count):
                lines.write(json.dumps({"instruction": f"Say {number}", "input": "", "output": "x" * 4000}) + "\n")
        done = subprocess.run(
            [sys.executable, "-c", script, str(file), str(tmp_path / "out")], capture_output=True, text=True, check=True
        )
        *said, last = done.stdout.strip().split("\n")
        assert said[-1] == f"kept {count} of {count}"
        peak, torch, pandas = last.split()
        assert (torch, pandas) == ("False", "False")
        peaks.append(int(peak))
    # 24 MB of rows in the larger file; ru_maxrss is in KiB
    assert peaks[1] - peaks[0] < 4096
