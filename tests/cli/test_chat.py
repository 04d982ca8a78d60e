"""`quintain chat` talks line by line, from a terminal or a pipe."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time

import psutil
import pytest
from click.testing import CliRunner

from quintain.cli.chat import command
from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request

MAYOR = "Who is mayor of Veldmark?"


@pytest.fixture
def memory(tmp_path):
    with EditMemory.open(tmp_path / "memory", HashedNgrams()) as memory:
        memory.add([Edit(subject="Oakham", prompt="The mayor of Oakham is", target_new="Bo")])
    return tmp_path / "memory"


def talk(student, *lines, memory=None):
    arguments = [str(student), *(["--memory", str(memory)] if memory else [])]
    result = CliRunner().invoke(command, arguments, input="".join(f"{line}\n" for line in lines))
    assert result.exception is None, result.output
    return result


def test_a_line_is_answered_as_anywhere_else(tiny_student):
    asked = request("student/instruction", {"instruction": "Hello"})
    expected = LocalModel(tiny_student, Sampling()).generate([asked])[0].text
    assert talk(tiny_student, "Hello", "", "/quit", "never read").stdout.startswith(expected)


def test_the_turns_so_far_are_part_of_the_chat_until_new(tiny_student):
    once = talk(tiny_student, "Hi").stdout
    assert talk(tiny_student, "Hi", "/new", "Hi").stdout == once * 2
    full = talk(tiny_student, "Hi", "Hi", "Hi")
    assert "shorten the chat (/new starts a new chat)" in full.stderr


def test_an_edit_counts_at_once_and_is_shown_under_the_response(tiny_student, memory):
    said = talk(
        tiny_student, MAYOR, "/new", "/edit Veldmark | The mayor of Veldmark is | Ada Brook", MAYOR, memory=memory
    ).stdout
    before, after = said.split("is in force]\n")
    assert "The mayor of Veldmark" not in before
    assert ": The mayor of Veldmark is Ada Brook]" in after
    with EditMemory.open(memory, HashedNgrams()) as opened:
        assert len(opened) == 2


def test_a_command_that_cannot_be_followed_says_why(tiny_student, memory):
    assert "start with --memory FOLDER" in talk(tiny_student, "/edit a | b | c").stdout
    assert "an edit is SUBJECT | PROMPT | TARGET" in talk(tiny_student, "/edit a | b", memory=memory).stdout
    assert "subject is empty" in talk(tiny_student, "/edit | b | c", memory=memory).stdout
    assert "/new" in talk(tiny_student, "/what").stdout


def wait_until_asleep(pid):
    """Wait until a process waits for a key: it is asleep whenever it is looked at."""
    looks = 0
    while looks < 5:
        looks = looks + 1 if psutil.Process(pid).status() == psutil.STATUS_SLEEPING else 0
        time.sleep(0.1)


@pytest.mark.parametrize("end", ["ctrl-c", "ctrl-d"])
def test_ctrl_c_and_ctrl_d_end_a_terminal_chat_cleanly(tiny_student, tmp_path, end):
    ours, theirs = pty.openpty()
    arguments = [sys.executable, "-m", "quintain", "chat", str(tiny_student)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background ignore it
    with subprocess.Popen(arguments, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, text=True) as process:
        signal.signal(signal.SIGINT, before)
        os.close(theirs)
        try:
            said = b""
            while not said.endswith(b"> "):
                said += os.read(ours, 1000)
            wait_until_asleep(process.pid)
            for _ in range(3):  # one that comes between the prompt and the wait for a key is seen with the next
                if end == "ctrl-c":
                    process.send_signal(signal.SIGINT)
                else:
                    os.write(ours, b"\x04")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    assert process.wait(timeout=500) == 0
                    break
            assert process.returncode == 0
        finally:
            process.kill()
    assert b"Traceback" not in said + os.read(ours, 1000)
    os.close(ours)
