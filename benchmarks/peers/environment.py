"""An environment of its own for a peer that cannot be installed beside our pins."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parents[1] / "scratch" / "peers"
DATATROVE = (
    "datatrove==0.10.1", "trafilatura==2.3.1", "lxml_html_clean", "warcio", "spacy", "nltk", "fasteners", "fsspec",
    "tldextract", "tokenizers", "xxhash<4", "faust-cchardet", "python-magic",
)  # fmt: skip


def ask_datatrove(job: str, **arguments: str) -> dict:
    """Run a job of `datatrove_steps.py` in datatrove's environment, which is made the first time."""
    python = HOME / "datatrove" / "bin" / "python"
    mark = HOME / "datatrove" / ".installed"
    if not mark.is_file():
        print("making an environment for datatrove ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", HOME / "datatrove"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *DATATROVE], check=True)
        mark.touch()
    command: list[str | Path] = [python, HERE / "datatrove_steps.py", job, json.dumps(arguments)]
    answered = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(answered.stdout.splitlines()[-1])
