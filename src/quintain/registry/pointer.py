"""The registered model itself: it knows where the weights are and loads them when asked.

MLflow stores this file with the version and runs it in any process that loads `models:/…`; the weights stay where DVC
keeps them. Found in this order: a project folder whose digest matches, then DVC at the recorded commit.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import mlflow
from mlflow.pyfunc import PythonModel

from quintain.digests import folder_digest
from quintain.errors import ModelError, RegistryError
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.serving.invocations import takes_chats
from quintain.serving.student import Student


def find_weights(path: str, digest: str, git_commit: str) -> Path:
    """Find the folder with exactly these weights.

    Args:
        path: Folder from the project's root.
        digest: SHA-256 of the folder.
        git_commit: Commit whose dvc.lock names them.

    Returns:
        A folder on this machine.

    Raises:
        RegistryError: Neither a project folder nor DVC has them.
    """
    here = Path(os.environ.get("QUINTAIN_PROJECT", Path.cwd())).resolve()
    other = ""
    for root in (here, *here.parents):
        folder = root / path
        if folder.is_dir():
            try:
                found = folder_digest(folder)
            except ModelError:
                continue
            if found == digest:
                return folder
            other = f" ({folder} holds other weights, digest {found[:12]})"
    fetched = _from_dvc(here, path, git_commit)
    if fetched is not None and folder_digest(fetched) == digest:
        return fetched
    raise RegistryError(
        f"the weights {path} with digest {digest[:12]} are not on this machine{other}, and DVC has none at commit "
        f"{git_commit[:12] or '(none recorded)'}. Run in the project folder or set QUINTAIN_PROJECT to it; "
        "`dvc pull` fetches them when a remote is configured"
    )


def _from_dvc(root: Path, path: str, commit: str) -> Path | None:
    if not commit:
        return None
    from dvc.api import DVCFileSystem
    from dvc.exceptions import DvcException
    from scmrepo.exceptions import SCMError

    target = Path(tempfile.mkdtemp(prefix="quintain-weights-"))
    try:
        DVCFileSystem(str(root), rev=commit).get(path, str(target), recursive=True)
    except (DvcException, SCMError, OSError):
        return None
    return target


@takes_chats
class StudentPointer(PythonModel):
    """A student of the registry, as a function from instructions to responses."""

    def load_context(self, context: Any) -> None:
        """Find the weights and open them."""
        config = context.model_config
        folder = find_weights(config["path"], config["digest"], config["git_commit"])
        self._model = LocalModel(folder, Sampling(**config["sampling"]))
        self.student = Student(folder.name, self._model)

    def predict(self, model_input: list[str]) -> list[str]:  # type: ignore[override]
        """Respond to each instruction; or to one chat, `{"messages": [...]}`, with a chat completion."""
        requests = [request("student/instruction", {"instruction": text}) for text in model_input]
        return [completion.text for completion in self._model.generate(requests)]


mlflow.models.set_model(StudentPointer())
