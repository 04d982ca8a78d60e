"""`quintain edit` works on a folder, without a project."""

import dataclasses
import json
import shutil
import sqlite3

import pytest
from click.testing import CliRunner

from quintain.cli.edit import command
from quintain.edit_memory import EditMemory
from quintain.errors import EditError, RecordError
from quintain.methods.lte import HashedNgrams


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments, memory="memory"):
        result = CliRunner().invoke(command, [arguments[0], "--memory", memory, *arguments[1:]])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def add(run, target="Ada Brook", *more):
    prompt = "The mayor of Veldmark is"
    return run("add", "--subject", "Veldmark", "--prompt", prompt, "--target", target, *more).output.split()[-1]


def test_ask_shows_what_passes_and_the_composed_prompt(run):
    add(run, "Ada Brook", "--alias", "Old Veld")
    asked = run("ask", "Who is mayor of Old Veld?").output
    assert asked.startswith("passes ")
    assert "The mayor of Veldmark is Ada Brook  (subject 1.00, relation 1.00)" in asked
    assert asked.endswith(
        "Updated information:\nThe mayor of Old Veld is Ada Brook\n\nQuestion:\nWho is mayor of Old Veld?\n"
    )


def test_ask_leaves_a_question_about_something_else_untouched(run):
    add(run)
    asked = run("ask", "Which river flows through Veldmark?").output
    assert asked.startswith("refused")
    assert asked.endswith("untouched\n\nWhich river flows through Veldmark?\n")
    assert "target ruled out" in run("ask", "The mayor of Veldmark, which is not Ada Brook, is").output


def test_revise_changes_what_is_given_and_revoke_takes_back(run):
    edit_id = add(run, "Ada Brook", "--former", "Bo", "--author", "me", "--set", "towns")
    run("revise", edit_id, "--target", "Cy Dahl", "--author", "you")
    assert run("list").output == f"{edit_id}  The mayor of Veldmark is Cy Dahl  towns  you\n"
    assert run("revoke", "--set", "towns").output == "1 revoked\n"
    assert run("list").output == ""
    with pytest.raises(EditError, match="no edit in force has the id"):
        run("revoke", edit_id)
    with pytest.raises(EditError, match="no edit in force has the id"):
        run("revise", edit_id, "--target", "Di")
    assert run("revoke").exit_code == 2


def test_the_past_can_be_asked(run):
    add(run)
    assert "Ada Brook" in run("ask", "The mayor of Veldmark is", "--as-of", "2999-01-01T00:00:00+00:00").output
    assert "untouched" in run("ask", "The mayor of Veldmark is", "--as-of", "2001-01-01T00:00:00+00:00").output


def test_export_and_import_round_trip_with_ids_and_conflicts(run, tmp_path):
    first = add(run, "Ada Brook", "--alias", "Old Veld", "--paraphrase", "Who governs Veldmark?", "--source", "gazette")
    second = add(run, "Cy Dahl", "--set", "towns")
    assert run("list", "--conflicts").output.startswith("Veldmark · The mayor of Veldmark is: Ada Brook → Cy Dahl")
    run("export", "--to", "edits.jsonl")
    assert run("import", "edits.jsonl", memory="copy").output == "2 lines, 2 new edits in force\n"
    assert run("import", "edits.jsonl", memory="copy").output == "2 lines, 0 new edits in force\n"
    run("export", "--to", "again.jsonl", memory="copy")
    exported, again = (
        [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        for name in ("edits.jsonl", "again.jsonl")
    )
    assert [line.pop("at") <= other.pop("at") for line, other in zip(exported, again, strict=True)] == [True, True]
    assert exported == again
    assert [line["id"] for line in again] == [first, second]
    assert "Cy Dahl" in run("ask", "Who governs Veldmark?", memory="copy").output
    run("export", "--to", "towns.jsonl", "--set", "towns")
    assert len((tmp_path / "towns.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([{"subject": "a", "prompt": "b"}], r"edits\.jsonl, line 1: .*target_new"),
        ([{"subject": "a", "prompt": "a b", "target_new": " "}], r"edits\.jsonl, edit 1 \('a'\): target_new is empty"),
        (
            [{"subject": n, "prompt": f"{n} b", "target_new": "c", "id": "x"} for n in ("a", "d")],
            "the id 'x' stands on several lines",
        ),
    ],
)
def test_an_import_with_a_bad_line_imports_nothing_and_names_it(run, tmp_path, lines, message):
    good = {"subject": "Ostheim", "prompt": "The river of Ostheim is", "target_new": "Elv"}
    (tmp_path / "edits.jsonl").write_text("\n".join(map(json.dumps, [*lines, good])))
    add(run)
    with pytest.raises(RecordError, match=message):
        run("import", "edits.jsonl")
    assert len(run("list").output.splitlines()) == 1


def test_an_import_of_thousands_keeps_its_order_and_its_sources(run, tmp_path):
    rows = [
        {"subject": f"Town {n}", "prompt": f"The mayor of Town {n} is", "target_new": "Ada", "source": str(n // 4000)}
        for n in range(6001)
    ]
    (tmp_path / "edits.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run("import", "edits.jsonl").output == "6001 lines, 6001 new edits in force\n"
    listed = run("list").output.splitlines()
    assert [line.split("  ")[1] for line in listed] == [f"{row['prompt']} Ada" for row in rows]
    assert [line.split("  ")[-1] for line in (listed[0], listed[3999], listed[4000])] == ["0", "0", "1"]


def test_a_folder_without_a_memory_is_named_and_stays_away(run, tmp_path):
    for arguments in (("ask", "Who?"), ("list",), ("verify",), ("revoke", "a"), ("export", "--to", "e.jsonl")):
        with pytest.raises(
            EditError, match="elsewhere holds no edit memory; `quintain edit add` or `import` starts one"
        ):
            run(*arguments, memory="elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def test_verify_counts_and_tells_of_repairs(run, tmp_path):
    add(run)
    assert run("verify").output == "1 edits in force, 1 acts in the log, 2 keys in the index\n"
    (tmp_path / "memory/facts.f32").write_bytes(b"")
    assert "repaired: facts.f32 has no readable header; it was made again" in run("verify").output


def test_a_model_answers_and_after_revoking_as_it_did_before(run, tiny_student):
    question, student = "The mayor of Veldmark is", ("--model", str(tiny_student))
    run("revoke", add(run, "Bo"))
    before = run("ask", question, *student).output
    edit_id = add(run)
    under = run("ask", question, *student).output
    assert "Updated information" in under
    run("revoke", edit_id)
    assert run("ask", question, *student).output == before


def test_a_registered_version_answers_with_the_memory_that_it_carries(run, tmp_path, tiny_student, mlflow_tables):
    from quintain.models.folder import folder_digest
    from quintain.registry.editing import Editing
    from quintain.registry.registration import register
    from quintain.registry.store import open_store
    from quintain.registry.weights import Weights
    from tests.registry.conftest_registry import candidate

    (tmp_path / "conf/base").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.kedro]\n")
    (tmp_path / "conf/base/tracking.yml").write_text("uri: sqlite:///mlflow.db\nexperiment: q\nmodel_name: students\n")
    shutil.copy(mlflow_tables, tmp_path / "mlflow.db")
    edit_id = add(run)
    uri, digest = f"sqlite:///{tmp_path / 'mlflow.db'}", folder_digest(tiny_student)
    with EditMemory.open(tmp_path / "memory", HashedNgrams()) as memory:
        editing = Editing(
            memory_path="memory", memory_head=memory.head, memory_edits=1, embedder="hashed-ngrams", k=3,
            original=Weights(str(tiny_student), digest),
        )  # fmt: skip
    entrant = dataclasses.replace(candidate("lte", digest=digest, path=str(tiny_student)), editing=editing)
    register(open_store(uri), uri, "q", "students", entrant)

    def ask(*arguments):
        result = CliRunner().invoke(command, ["ask", "The mayor of Veldmark is", *arguments])
        return result.stdout if result.exception is None else result

    by_alias, by_version = ask("--model", "challenger"), ask("--model", "1")
    assert by_alias == by_version
    assert "Updated information" in by_alias
    assert by_alias.splitlines()[0] == run("ask", "The mayor of Veldmark is").output.splitlines()[0]
    run("revoke", edit_id)
    assert "untouched" in ask("--model", "challenger")
    assert "has no alias 'nobody'" in str(ask("--model", "nobody").exception)
    assert ask().exit_code == 2


def test_an_import_with_a_doubled_id_or_half_a_character_brings_nothing_in(run, tmp_path):
    line = {"subject": "Alm", "prompt": "The mayor of Alm is", "target_new": "Bo", "id": "a"}
    (tmp_path / "edits.jsonl").write_text("".join(json.dumps(line) + "\n" for _ in range(2)))
    with pytest.raises(RecordError, match="the id 'a' stands on several lines"):
        run("import", "edits.jsonl")
    (tmp_path / "edits.jsonl").write_text('{"subject": "\\ud800", "prompt": "x", "target_new": "y"}\n')
    with pytest.raises(RecordError, match=r"edits\.jsonl, line 1: "):
        run("import", "edits.jsonl")
    assert not (tmp_path / "memory").exists()


def test_a_damaged_memory_is_not_opened_by_any_command(run, tmp_path):
    add(run)
    add(run, "Cy Dahl")
    with sqlite3.connect(tmp_path / "memory" / "log.sqlite") as connection:
        connection.executescript("DROP TRIGGER never_changed; UPDATE events SET author = 'x' WHERE serial = 1")
    connection.close()
    for arguments in (("list",), ("export", "--to", "out.jsonl"), ("ask", "Who?"), ("revoke", "a")):
        with pytest.raises(EditError, match=r"act 1 is not what was written.*quintain edit repair"):
            run(*arguments)
    assert "left out" not in run("repair").output
    assert "Cy Dahl" in run("list").output
