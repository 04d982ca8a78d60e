"""The console script imports a command when it is called, not before."""

import json
import subprocess
import sys

import click
import pytest

from quintain.cli import COMMANDS, cli

HEAVY = [
    "pandas",
    "torch",
    "mlflow",
    "great_expectations",
    "kedro",
    "transformers",
    "dvc",
    "numpy",
    "matplotlib",
]

PROBE = """
import json, sys
from quintain.cli import main
sys.argv = ["quintain", *{arguments}]
try:
    main()
except SystemExit as stop:
    code = stop.code
print(json.dumps([code, sorted(set({heavy}) & set(sys.modules))]), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h"]])
def test_help_and_version_import_nothing_heavy(arguments):
    script = PROBE.format(arguments=arguments, heavy=HEAVY)
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(process.stderr) == [0, []]


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "quintain", *arguments], capture_output=True, text=True, check=False)


def test_help_lists_every_command():
    process = subprocess.run([sys.executable, "-m", "quintain", "--help"], capture_output=True, text=True, check=True)
    for command in ("new", "leaderboard", "scorecard", "promote", "rollback", "dvc-sync"):
        assert f"\n  {command} " in process.stdout


def test_every_command_can_be_imported():
    for name in COMMANDS:
        assert isinstance(cli.get_command(click.Context(cli), name), click.Command)


def test_an_unknown_command_exits_2_and_names_it():
    process = subprocess.run([sys.executable, "-m", "quintain", "promte"], capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert "promte" in process.stderr


def test_pipelines_and_the_check_of_the_configuration_import_no_torch():
    """Two to three seconds of every `kedro run` and of every stage of DVC that trains nothing."""
    script = (
        "import importlib, sys, quintain.configuration.check\n"
        "from quintain.pipeline_registry import PIPELINES\n"
        "for name in PIPELINES: importlib.import_module(f'quintain.pipelines.{name}')\n"
        "print(sorted({'torch', 'transformers', 'mlflow', 'great_expectations', 'pandas'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"
