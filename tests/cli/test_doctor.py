"""`quintain doctor`: all faults of a set-up at once, each with the line that sets it, before anything is spent."""

import json
import re

import pytest
import yaml
from click import unstyle
from click.testing import CliRunner

from quintain.available_memory import AvailableMemory
from quintain.cli.doctor import command
from quintain.cli.new import lay_out
from quintain.doctor import model_room
from tests.endpoint_server import EndpointServer, said

HOSTILE = "The <script>alert(1)</script> mayor & co. of \u2028town 0."
DISTILLED = {
    "students": {"mine": {"start": "student"}, "lion": {"from": "mine", "by": "distillation", "on": "given"}},
    "benchmarks": [],
}
TUNED = {
    "students": {"mine": {"start": "student"}, "tuned": {"from": "mine", "by": "finetuning", "on": "given"}},
    "benchmarks": [],
}


def pair(number, response):
    return {"instruction": f"Tell me about town {number}.", "response": response, "kind": "distilled"}


class Project:
    """A project with the sizes of smoke, and what its doctor says."""

    def __init__(self, root, student):
        self.root = root
        lay_out(root)
        self.write("lifecycle.yml", TUNED)
        self.write("globals.yml", {"student": {"source": str(student), "revision": ""}})
        rows = [pair(0, HOSTILE), *(pair(n, f"The mayor of town {n} is kind.") for n in range(1, 30))]
        self.pairs([*rows, pair(30, " "), pair(31, "long " * 300)])

    def write(self, name, document):
        (self.root / "conf/smoke" / name).write_text(yaml.safe_dump(document, sort_keys=False))

    def pairs(self, rows):
        file = self.root / "data/01_raw/given/pairs.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def doctor(self, *arguments):
        done = CliRunner().invoke(command, ["--env", "smoke", *arguments], catch_exceptions=False)
        return done.exit_code, unstyle(done.output)


@pytest.fixture
def project(tmp_path, tiny_student, monkeypatch):
    made = Project(tmp_path / "mine", tiny_student)
    monkeypatch.chdir(made.root)
    return made


def faults(output):
    """The numbered faults at the end, each on one line."""
    verdict = output.partition("A run cannot work")[2].partition("The report as a page")[0]
    joined = re.sub(r"\n {5}(?=\S)", " ", verdict)
    return [line.partition(". ")[2] for line in joined.splitlines() if re.match(r" *\d+\. ", line)]


def test_a_good_set_up_is_shown_whole_and_a_run_can_work(project):
    code, output = project.doctor("--html", "doctor.html")
    assert code == 0, output
    assert "A run can work" in output
    # 32 rows, one of them empty, one too long
    assert "30 of 32 are learned from" in output
    assert "1 too-long" in output
    assert "1 empty-response" in output
    assert "10 rows as the student sees it" in output
    assert "⟦The mayor of town" in output
    assert output.count("<eos>⟧") == 10
    assert re.search(r"memory +[\d.,]+ [MG]iB by formula", output)
    assert "3 real steps" in output
    assert "each, by the largest training" in " ".join(output.split())
    assert re.search(r"architecture +LlamaForCausalLM", output)
    report, _, path = output.rpartition("The report as a page: ")
    assert max(map(len, report.splitlines())) <= 80
    assert path.strip() == str(project.root / "doctor.html")


def test_the_page_escapes_what_strangers_wrote_and_needs_no_network(project):
    project.pairs([pair(0, HOSTILE)] * 2 + [pair(1, "The mayor is kind.")])
    project.doctor("--html", "deep/doctor.html")
    page = (project.root / "deep/doctor.html").read_text(encoding="utf-8")
    assert "<mark>The &lt;script&gt;alert(1)&lt;/script&gt; mayor &amp; co." in page
    assert "<script" not in page
    assert not re.search(r"""(src|href)=(?!"data:,")""", page)


def test_all_that_is_missing_is_said_at_once_with_the_lines_that_name_it(project):
    project.write("globals.yml", {"student": {"source": "./none", "revision": ""}, "pairs": "data/none.jsonl"})
    code, output = project.doctor()
    assert code == 2
    found = faults(output)
    assert any(line.startswith("conf/smoke/globals.yml:2: student: ./none is no folder here") for line in found)
    assert any(
        line.startswith("conf/smoke/globals.yml:4: given_pairs: data/none.jsonl does not exist") for line in found
    )
    assert (project.root / "data/08_reporting/doctor.html").is_file()


def test_rows_of_which_none_fits_name_the_setting_and_its_file(project):
    project.write("parameters_finetuning.yml", {"finetuning": {"sft": {"steps": 2, "batch_size": 2, "max_length": 5}}})
    code, output = project.doctor()
    assert code == 2
    (line,) = faults(output)
    assert line.startswith("conf/smoke/parameters_finetuning.yml:5: tuned (finetuning on given_pairs): 32 of 32 rows")
    assert "31 too-long, 1 empty-response" in line
    assert line.endswith("raise finetuning.sft.max_length or give shorter ones")


def test_a_model_without_a_chat_template_is_told_how_to_get_one(project, tiny_student, tmp_path):
    import shutil

    base = tmp_path / "base-model"
    shutil.copytree(tiny_student, base)
    (base / "chat_template.jinja").unlink()
    project.write("globals.yml", {"student": {"source": str(base), "revision": ""}})
    code, output = project.doctor()
    assert code == 2
    (line,) = faults(output)
    assert "has no chat template" in line
    assert "--chat-template chatml" in line


def test_a_training_that_memory_cannot_hold_is_not_begun(project, monkeypatch):
    monkeypatch.setattr(model_room, "available_memory", lambda: AvailableMemory(1 << 20, "the control group /job"))
    code, output = project.doctor()
    assert code == 2
    (line,) = faults(output)
    assert re.search(r"needs about \d+ MiB of memory; the control group /job has 1 MiB left; lower", line)
    assert line.startswith("conf/smoke/parameters_finetuning.yml:")
    assert "3 real steps" not in output


def test_preference_pairs_show_both_of_their_responses(project):
    own = {"preference.pairs.pairs": "unbridged", "preference.training.lora": {"r": 2, "target_modules": "all-linear"}}
    tree = {"mine": {"start": "student"}, "firm": {"from": "mine", "by": "preference", "on": "given", "with": own}}
    project.write("lifecycle.yml", {"students": tree, "benchmarks": []})
    rows = [{"prompt": f"Say {n}.", "chosen": f"It is {n}.", "rejected": f"It was {n}."} for n in range(12)]
    file = project.root / "data/01_raw/given/preferences.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {**rows[0], "rejected": "long " * 300}]))
    code, output = project.doctor()
    assert code == 0, output
    told = " ".join(output.split())
    assert "24 of 25 are learned from" in told  # both responses of twelve pairs; one pair is too long
    assert re.search(r"<assistant>⟦ ?It (is|was) \d+\.<eos>⟧", told)
    assert re.search(r"gradients [\d,]+ MiB = ([\d,]+) trained", told)
    assert "3 real steps" in told


def distilling(project, **teacher):
    project.write("lifecycle.yml", DISTILLED)
    (project.root / "data/01_raw/given/seeds.jsonl").write_text('{"text": "Tell me about the town."}\n')
    binding = {"backend": "openai", "model": "m", **teacher}
    roles = dict.fromkeys(("teacher", "referee", "generator"), binding)
    project.write("parameters_roles.yml", {"roles": {"bindings": roles}})
    return project.doctor()


def test_a_key_that_is_nowhere_and_a_server_that_is_down_are_faults_of_every_role(project):
    code, output = distilling(project, address="http://127.0.0.1:9/v1", key_env="NO_SUCH_KEY")
    assert code == 2
    assert sum("there is no key NO_SUCH_KEY" in line for line in faults(output)) == 3
    code, output = distilling(project, address="http://127.0.0.1:9/v1")
    assert sum("http://127.0.0.1:9/v1 (model m) cannot be reached" in line for line in faults(output)) == 3
    assert all(line.startswith("conf/smoke/parameters_roles.yml:") for line in faults(output))


def test_a_server_that_does_not_draw_is_found_out_before_the_run(project):
    with EndpointServer(lambda call: said("Always this.")) as server:
        code, output = distilling(project, address=server.address, sampling={"temperature": 1.0})
        assert code == 2
        assert "says the same for two seeds" in " ".join(faults(output))
    with EndpointServer(lambda call: said(f"Invented {call.body['seed']}.")) as server:
        code, output = distilling(project, address=server.address, sampling={"temperature": 1.0})
        assert code == 0, output
        asked = len(server.calls)
        distilling(project, address=server.address, sampling={"temperature": 1.0})
        assert len(server.calls) == asked  # the ledger knows


def test_a_setting_that_does_not_exist_is_said_with_its_line_and_the_exit_is_2(project):
    project.write("parameters_finetuning.yml", {"finetuning": {"sft": {"stepz": 3}}})
    code, output = project.doctor()
    assert code == 2
    assert any("conf/smoke/parameters_finetuning.yml:3: finetuning.sft.stepz" in line for line in faults(output))


def test_the_embedded_lifecycle_needs_nothing(tmp_path, monkeypatch):
    lay_out(tmp_path / "world")
    monkeypatch.chdir(tmp_path / "world")
    done = CliRunner().invoke(command, ["--env", "smoke"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "trained from scratch by this run" in done.output


def test_outside_of_a_project_it_says_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, [], catch_exceptions=False)
    assert done.exit_code == 2
    assert "is not in a Kedro project" in done.output


@pytest.mark.parametrize("arguments", [["--student", "a"], ["--pairs", "a"], ["--json"], ["--max-length", "9"]])
def test_options_that_do_nothing_alone_are_refused(arguments):
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert "go" in done.output


def test_without_a_project_each_line_of_a_file_gives_one_line_of_json(tmp_path, tiny_student, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps(pair(0, HOSTILE)), "{broken", "", json.dumps({"id": "x", "instruction": "a"})]
    (tmp_path / "pairs.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    arguments = ["--student", str(tiny_student), "--pairs", "pairs.jsonl"]
    done = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [row["status"] for row in rows] == ["kept", "dropped", "dropped", "dropped"]
    assert [row["id"] for row in rows] == [1, 2, 3, "x"]
    assert rows[0]["learned"] == f"{HOSTILE}<eos>"
    told = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert told.exit_code == 0
    assert "1 of 4 are learned from" in told.output
    assert "⟦The <script>alert(1)</script> mayor" in " ".join(told.output.split())


def test_a_file_of_which_nothing_is_learned_exits_2_and_says_why(tmp_path, tiny_student):
    (tmp_path / "pairs.jsonl").write_text("{}\n")
    arguments = ["--student", str(tiny_student), "--pairs", str(tmp_path / "pairs.jsonl"), "--json"]
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 2
    assert len(done.stdout.splitlines()) == 1
    assert "none of 1 lines can be learned from (1 no-row)" in done.stderr
    missing = CliRunner().invoke(command, ["--student", str(tmp_path), "--pairs", "x.jsonl"], catch_exceptions=False)
    assert missing.exit_code == 2
