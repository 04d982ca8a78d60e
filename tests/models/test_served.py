"""A student behind a server that is started for it: filled in, waited for, shared, ended whatever happens."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quintain.errors import ConfigError, ModelError
from quintain.models import server_process
from quintain.models.folder import ADAPTER_NOTE, folder_digest
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger
from quintain.models.local import LocalModel
from quintain.models.roles import Roles, bind
from quintain.prompts import request

SERVER = Path(__file__).parents[1] / "model_server.py"
GREEDY = Sampling(max_new_tokens=8)


def fake(*options, name="{folder}"):
    return [sys.executable, str(SERVER), "{port}", "--name", name, *map(str, options)]


def asks(*texts):
    return [request("student/instruction", {"instruction": text}) for text in texts]


@pytest.fixture
def project(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def student(project, tiny_student):
    """Opens the tiny student behind a command."""

    def open_student(command, folder=tiny_student, sampling=GREEDY, **settings):
        binding = {"backend": "server", "command": command, "attempts": 2, **settings}
        roles = Roles(ledger=str(project / "ledger.sqlite"), bindings={"student": binding})
        return bind("student", roles, stage="evaluation", folder=folder, sampling=sampling)

    return open_student


@pytest.fixture
def pids(project):
    """Ids of the processes that the command started."""
    return lambda: [int(line) for line in (project / "pids").read_text().split()]


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # in a container nobody may collect it


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_is_started_with_the_folder_asked_through_the_ledger_and_ended(student, pids, project, tiny_student):
    with student(fake("--pids", "pids", "--worker")) as model:
        said = model.generate(asks("Hi", "Ho"))
        assert all(map(alive, pids()))
    assert not any(map(alive, pids()))
    digest = folder_digest(tiny_student)[:12]
    assert model.name.startswith(f"server:{Path(sys.executable).name}:tiny@{digest}/")
    assert [one.text for one in said] == [f"{tiny_student} --name {tiny_student} --pids pids --worker"] * 2
    (account,) = Ledger(project / "ledger.sqlite").accounts()
    assert (account.role, account.stage, account.model, account.calls) == ("student", "evaluation", model.name, 2)
    assert len(pids()) == 2


def test_a_second_run_that_the_ledger_answers_starts_no_server(student, pids):
    with student(fake("--pids", "pids")) as first:
        said = first.generate(asks("Hi"))
    with student(fake("--pids", "pids")) as second:
        assert second.generate(asks("Hi")) == said
    assert len(pids()) == 1


def test_engines_are_told_apart_and_paces_are_not(student):
    names = [
        student(command, **settings).name
        for command, settings in (
            (fake(), {}),
            (fake(), {"concurrency": 2, "ready_seconds": 3}),
            (fake("--deaf"), {}),
            (fake(), {"extra": {"top_k": 1}}),
        )
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_it_waits_until_the_server_says_that_it_is_well(student):
    begun = time.monotonic()
    with student(fake("--silent-seconds", 2)) as model:
        model.generate(asks("Hi"))
    assert time.monotonic() - begun > 2


def test_a_server_that_keeps_running_after_sigterm_is_killed(monkeypatch, student, pids):
    monkeypatch.setattr(server_process, "_GRACE_SECONDS", 0.5)
    with student(fake("--deaf", "--worker", "--pids", "pids")) as model:
        model.generate(asks("Hi"))
    assert not any(map(alive, pids()))


def test_an_error_in_the_node_ends_it(student, pids):
    def node():
        with student(fake("--pids", "pids")) as model:
            model.generate(asks("Hi"))
            raise RuntimeError("of the node")

    with pytest.raises(RuntimeError, match="of the node"):
        node()
    assert not any(map(alive, pids()))


def test_a_model_that_is_forgotten_ends_its_server(student, pids):
    student(fake("--pids", "pids")).generate(asks("Hi"))
    wait_until(lambda: not any(map(alive, pids())))


def test_two_models_of_one_folder_share_a_server_and_two_folders_do_not(student, pids, tmp_path, tiny_student):
    command = fake("--pids", "pids")
    with ThreadPoolExecutor(2) as threads, student(command) as first, student(command) as second:
        list(threads.map(lambda model: model.generate(asks("Hi", repr(model))), (first, second)))
        assert len(pids()) == 1
        first.__exit__()
        second.generate(asks("after the other has gone"))
        other = tmp_path / "other"
        other.symlink_to(tiny_student)
        with student(fake("--pids", "pids", "{folder}", name="{name}"), folder=other) as third:
            third.generate(asks("Hi"))
            assert len(pids()) == 2
            assert all(map(alive, pids()))
    assert not any(map(alive, pids()))


@pytest.fixture
def adapter(tmp_path, tiny_student):
    folder = tmp_path / "webr"
    folder.mkdir()
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "elsewhere"}')
    noted = {"path": os.path.relpath(tiny_student, folder), "digest": folder_digest(tiny_student)}
    (folder / ADAPTER_NOTE).write_text(json.dumps(noted))
    return folder


def test_an_adapter_has_a_command_with_its_base(student, adapter, tiny_student):
    command = fake("--lora", "{adapter}", "--model", "{base}", name="{name}")
    with student(fake(), folder=adapter, adapter_command=command) as model:
        (said,) = model.generate(asks("Hi"))
    assert said.text == f"webr --name webr --lora {adapter} --model {tiny_student}"


def test_a_command_for_adapters_refuses_a_whole_model(student):
    with pytest.raises(ConfigError, match="and .*tiny is a whole model; write the command of adapters in `adapter_com"):
        student(fake("{adapter}", "{base}"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"command": []}, "command is empty"),
        ({"command": ["x", "{folder}"]}, r"command needs \{port\}"),
        ({"command": ["x", "{port}"]}, r"command needs \{folder\}"),
        (
            {"command": ["x", "{port}", "{folder}", "{model}"]},
            r"command has the unknown placeholder \{model\}; there are",
        ),
        ({"command": "vllm serve {folder} --port {port}"}, "Expected `array`, got `str` - at `command`"),
        ({"command": ["x", "{port}", "{folder}"], "ready_seconds": 0}, "at `ready_seconds`"),
        ({"command": ["x", "{port}", "{folder}"], "address": "http://x"}, "unknown settings: address"),
        ({"command": ["x", "{port}", "{folder}"], "concurrency": 0}, "at `concurrency`"),
        ({}, "missing required field `command`"),
    ],
)
def test_a_wrong_setting_is_named_when_it_is_read(settings, message):
    with pytest.raises(ValueError, match=f"roles.bindings.student.*{message}"):
        Roles(ledger="l", bindings={"student": {"backend": "server", **settings}})


def test_another_role_is_sent_to_the_backend_openai(tmp_path):
    binding = {"backend": "server", "command": fake()}
    with pytest.raises(ConfigError, match="the backend 'server' is for the role student.*by the backend 'openai'"):
        bind("teacher", Roles(ledger=str(tmp_path / "l"), bindings={"teacher": binding}))


def test_a_program_that_does_not_exist_is_said(student):
    with pytest.raises(ConfigError, match="there is no program 'vlmm'; name it with its path"):
        student(["vlmm", "{folder}", "{port}"]).generate(asks("Hi"))


def test_a_server_that_dies_at_the_start_shows_its_last_lines(student):
    script = "print('no GPU here'); raise SystemExit(3)"
    with pytest.raises(ModelError, match=r"(?s)exit status 3: .*log is scratch/servers/tiny-.*\| no GPU here"):
        student([sys.executable, "-c", script, "{folder}", "{port}"]).generate(asks("Hi"))


def test_a_server_that_is_never_well_is_ended(student, pids):
    with pytest.raises(
        ModelError, match=r"(?s)not ready within 1\.5 s \(roles.bindings.student.ready_seconds\).*wrote no"
    ):
        student(fake("--silent-seconds", 99, "--pids", "pids"), ready_seconds=1.5).generate(asks("Hi"))
    assert not any(map(alive, pids()))


def test_a_server_of_another_model_is_refused_and_ended(student, pids):
    with pytest.raises(ModelError, match=r"serves Llama-3 and not tiny \(roles.bindings.student.command; the setting"):
        student(fake("--pids", "pids", "{folder}", name="Llama-3")).generate(asks("Hi"))
    wait_until(lambda: not any(map(alive, pids())))
    with student(fake("{folder}", name="Llama-3"), model="Llama-3") as model:
        assert model.generate(asks("Hi"))[0].text.startswith("Llama-3 ")


def test_a_server_that_dies_on_the_way_is_said_and_what_it_answered_is_kept(student):
    command = fake("--last-calls", 3)
    texts = [f"Say {number}" for number in range(5)]
    with pytest.raises(ModelError, match=r"(?s)ended with exit status 9.*\| CUDA out of memory, as it were"):
        student(command, concurrency=1).generate(asks(*texts))
    with student(command, concurrency=1) as model:
        said = model.generate(asks(*texts))
    assert {one.finish_reason for one in said} == {"stop"}
    assert model.asked == 2


# --- the process that asks is ended ----------------------------------------------------------------------------------

ASKER = """
import sys
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.prompts import request

binding = {"backend": "server", "command": [sys.executable, sys.argv[1], "{port}", "--name", "{folder}",
                                            "--worker", "--pids", "pids"]}
roles = Roles(ledger="ledger.sqlite", bindings={"student": binding})
with bind("student", roles, folder=sys.argv[2], sampling=Sampling()) as model:
    model.generate([request("student/instruction", {"instruction": "Hi"})])
    print("answered", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_with_the_process_that_asks_however_that_ends(project, pids, tiny_student, number):
    asker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ASKER), str(SERVER), str(tiny_student)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    with asker:
        assert asker.stdout.readline() == "answered\n"
        assert all(map(alive, pids()))
        asker.send_signal(number)
    wait_until(lambda: not any(map(alive, pids())))
    assert len(pids()) == 2


# --- our own server --------------------------------------------------------------------------------------------------


def test_greedy_answers_are_the_same_in_this_process_and_behind_quintain_serve(student, tiny_student):
    command = [sys.executable, "-m", "quintain", "serve", "{folder}", "--port", "{port}"]
    asked = asks("Tell me about the town.", "Write exactly two facts.", "Who is the mayor?")
    with student(command) as model:
        served = model.generate(asked)
    alone = LocalModel(tiny_student, GREEDY).generate(asked)
    assert [one.text for one in served] == [one.text for one in alone]
    assert [one.completion_tokens for one in served] == [one.completion_tokens for one in alone]
