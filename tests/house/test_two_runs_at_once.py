"""Two `kedro run` at once on a fresh database: both end well, or one says in one screen why not."""

import subprocess

import pytest

from quintain.cli.new import lay_out

pytestmark = pytest.mark.timeout(600)


def test_two_first_runs_share_a_fresh_database(tmp_path, newcomer_env):
    project = tmp_path / "project"
    lay_out(project)
    command = ["kedro", "run", "--env", "smoke", "--pipelines", "world", "--to-nodes", "gate_pack"]
    both = [
        subprocess.Popen(
            command, cwd=project, env=newcomer_env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(outputs)[-4000:]
    assert (project / "data/smoke/05_model_input/pack.jsonl").read_text().count("\n") == 60  # 2 groups × 6 × 5
    # Kedro calls this spelling deprecated; people still type it
    command[command.index("--pipelines")] = "--pipeline"
    third = subprocess.run(command, cwd=project, env=newcomer_env, capture_output=True, text=True, check=False)
    assert third.returncode == 0, third.stderr[-4000:]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pipelines", "synthesis2"], "Did you mean one of these instead?\n    synthesis"),
        (["--params", "world.pages.cuont=3"], "world.pages.cuont: there is no 'cuont'; did you mean count?"),
        (["--params", "world.pages.fresh_share=3"], "world.pages.fresh_share: must be in [0, 1], got 3"),
        (["--pipelines", "synthesis", "--from-nodes", "make_paris"], "make_paris"),
        (["--pipelines", "evaluation"], "run"),  # nothing was made yet: a missing input
    ],
)
def test_a_slip_on_the_command_line_is_one_screen(tmp_path_factory, newcomer_env, arguments, message):
    project = tmp_path_factory.getbasetemp() / "slips"
    if not project.exists():
        lay_out(project)
    done = subprocess.run(
        ["kedro", "run", *arguments], cwd=project, env=newcomer_env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback (most recent call last)" not in done.stderr
    assert len(done.stderr.splitlines()) < 30
