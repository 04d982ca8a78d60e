"""A tutorial of docs/tutorials as it stands: its files, its commands, a shell that runs them as a newcomer would."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs/tutorials"


class Tutorial:
    """The files and the commands of a page, in a folder.

    Args:
        page: Name of the page.
        folder: Where the walk begins.
        environment: Environment of the shell.
    """

    def __init__(self, page: str, folder: Path, environment: Mapping[str, str]) -> None:
        text = (PAGES / page).read_text(encoding="utf-8")
        self.files = dict(re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', text, flags=re.DOTALL))
        self.blocks = [block.strip() for block in re.findall(r"```bash\n(.*?)```", text, flags=re.DOTALL)]
        self.folder = folder
        self.inside = folder
        self.output = ""
        identity = {
            f"GIT_{who}_{what}": "reader@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        self._environment = {**environment, **identity, "OMP_NUM_THREADS": "1"}

    def write(self, title: str, content: str) -> None:
        """Write a file that the page names; one that it does not name is an error."""
        assert title in self.files, f"the page has no file {title}"
        (self.folder / title).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / title).write_text(content, encoding="utf-8")

    def write_smaller(self, title: str, sizes: Mapping[str, str]) -> None:
        """Write a file with sizes for a test: the page's own → the small one; a size that it has not is an error."""
        text = self.files[title]
        for own, small in sizes.items():
            assert own in text, f"{title} has no {own}"
            text = text.replace(own, small)
        self.write(title, text)

    def run(self, number: int) -> str:
        """Run a block of commands in one shell; return what it printed."""
        before = len(self.output)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{self.blocks[number]}\npwd >'{self.folder}/where'"],
            cwd=self.inside, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=900, check=False,
        )  # fmt: skip
        self.output += f"$ {self.blocks[number]}\n{done.stdout}"
        assert done.returncode == 0, self.output[-6000:]
        self.inside = Path((self.folder / "where").read_text().strip())
        return self.output[before:]
