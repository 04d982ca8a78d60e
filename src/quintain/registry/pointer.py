"""The registered model itself: it knows where weights and memory are and loads them when asked.

MLflow stores this file with the version and runs it in any process that loads `models:/…`; `weights` says where they
are found.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import mlflow
from mlflow.pyfunc import PythonModel

from quintain.edit_memory import EditMemory
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.registry.kept import FOLDER
from quintain.registry.memory_folder import find_memory_folder, other_memory
from quintain.registry.weights import Weights, find_weights
from quintain.serving.embedders import open_embedder
from quintain.serving.invocations import takes_chats
from quintain.serving.student import Student


@takes_chats
class StudentPointer(PythonModel):
    """A student of the registry, as a function from instructions to responses; with a memory, under its edits."""

    def load_context(self, context: Any) -> None:
        """Find the weights and the memory, if there is one, and open them."""
        config = context.model_config
        sampling = Sampling(**config["sampling"])
        kept = Path(__file__).parent / FOLDER
        model = LocalModel(weights_folder(config, kept / "weights"), sampling)
        self.student = Student(Path(config["path"]).name, model)
        if editing := config.get("editing"):
            original = LocalModel(weights_folder(editing["original"], kept / "original"), sampling)
            memory = open_memory(**editing["memory"], embedder=editing["embedder"], kept=kept / "memory")
            self.student = Student(self.student.name, model, (memory,), original, editing["k"])

    def predict(self, model_input: list[str], params: dict[str, Any] | None = None):  # type: ignore[override, no-untyped-def]
        """Respond to each instruction; or to one chat, `{"messages": [...]}`, with a chat completion.

        Args:
            model_input: The instructions.
            params: For a student with a memory: `k`, most edits to look at, 0 for the registered number; `as_of`, an
                ISO time to answer as the memory stood then, empty for now; `explain`, True for the edits behind each
                response.

        Returns:
            The responses; with `explain` mappings of `response`, `cited` (ids of the edits in the prompt) and `edits`
            (everything found, with its score and whether it passed the gate).
        """
        asked = params or {}
        said = self.student.respond(model_input, k=asked.get("k") or None, as_of=asked.get("as_of") or None)
        if not asked.get("explain"):
            return [completion.response for _, completion in said]
        return [
            {
                "response": completion.response,
                "cited": [hit.id for hit in question.edits],
                "edits": [
                    {"id": hit.id, "fact": hit.edit.fact, "score": hit.score, "passed": hit.passed}
                    for hit in question.hits
                ],
            }
            for question, completion in said
        ]


def weights_folder(config: dict[str, Any], kept: Path | None = None) -> Path:
    """Find the weights that a part of the pointer names; `kept` is where the registry itself may hold them."""
    scratch = Path(tempfile.mkdtemp(prefix="quintain-weights-"))
    return find_weights(Weights.from_config(config), _project(), scratch, kept)


def open_memory(path: str, head: str, embedder: str, dvc_md5: str = "", kept: Path | None = None) -> EditMemory:
    """Find and open a memory that has the registered acts; acts that came since count too.

    Args:
        path: Folder from the project's root.
        head: Hash over the registered acts.
        embedder: Name of the embedder.
        dvc_md5: DVC's hash of the folder.
        kept: Where the registry itself may hold it.

    Returns:
        The memory.

    Raises:
        RegistryError: Nobody has it.
        EditError: It was made by another embedder.
    """
    folder = find_memory_folder(path, dvc_md5, other_memory(head), _project(), kept)
    return EditMemory.open(folder, open_embedder(embedder))


def _project() -> Path:
    return Path(os.environ.get("QUINTAIN_PROJECT", Path.cwd())).resolve()


mlflow.models.set_model(StudentPointer())
