"""The tutorial on facts of one's own as it stands, on a tiny model: served, before another server, revoked."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving.server_process import ServerProcess

pytestmark = pytest.mark.timeout(600)

PAGE = (Path(__file__).parents[2] / "docs/tutorials/my-facts.md").read_text(encoding="utf-8")
(TABLE,) = re.findall(r'```csv title="edits.csv"\n(.*?)```', PAGE, flags=re.DOTALL)
COMMANDS = re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)
SERVERS = re.findall(r"^quintain serve (.*)$", PAGE, flags=re.MULTILINE)
QUESTION = json.loads(re.search(r"-d '(\{.*?\})'", PAGE, flags=re.DOTALL)[1])
MAYOR = "The mayor of Veldmark is Ada Brook"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("facts")
    (folder / "edits.csv").write_text(TABLE, encoding="utf-8")
    return folder


def run(folder, commands):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def server(folder, line, model, behind=""):
    """A server that the page starts: on the tiny model, at a free port, in the folder of the facts."""
    words = iter(shlex.split(line.replace("$MODEL", str(model)).replace("http://localhost:8001", f"http://{behind}")))
    options = []
    for word in words:
        if word == "--port":
            next(words)
        else:
            options.append(str(folder / word) if word == "data/edits" else word)
    return ServerProcess(None, *options)


def cited(reply):
    return [edit["fact"] for edit in reply.get("quintain", {}).get("edits", [])]


def said(reply):
    return reply["choices"][0]["message"]["content"]


def test_facts_are_served_cited_revoked_and_forgotten(folder, tiny_student):
    own, behind, before = SERVERS
    put_in_force, take_back = COMMANDS
    shown = run(folder, put_in_force)
    assert "2 lines, 2 new edits in force" in shown
    assert "\npasses " in shown
    with (
        server(folder, own, tiny_student) as ours,
        server(folder, behind, tiny_student) as other,
        server(folder, before, tiny_student, other.place) as front,
    ):
        asked = {"messages": QUESTION["messages"], "model": tiny_student.name}
        bare = other.complete(**asked)[1]
        assert cited(bare) == []
        for place in (ours, front):
            status, reply = place.complete(**asked)
            assert (status, cited(reply)) == (200, [MAYOR])
            assert reply["usage"]["prompt_tokens"] > bare["usage"]["prompt_tokens"]  # the fact stands in the prompt
        events = front.call("/v1/chat/completions", front.body(**asked, stream=True))[1].split("\n\n")
        first, second = (json.loads(event.removeprefix("data: ")) for event in events[:2])
        assert cited(first) == [MAYOR]
        assert "quintain" not in second
        assert cited(front.complete(model=tiny_student.name)[1]) == []

        assert "1 edits in force" in run(folder, take_back)
        for place in (ours, front):
            reply = place.complete(**asked)[1]
            assert (cited(reply), said(reply)) == ([], said(bare))
