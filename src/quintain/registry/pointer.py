"""The registered model itself: it knows where weights and memory are and loads them when asked.

MLflow stores this file with the version and runs it in any process that loads `models:/…`; the weights stay where DVC
keeps them. Found in this order: a project folder whose digest matches, then DVC at the recorded commit.
"""

from pathlib import Path
from typing import Any

import mlflow
from mlflow.pyfunc import PythonModel

from quintain.methods.lte import EditMemory
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.registry.weights import find_folder, find_weights
from quintain.serving.edited import EditedModel
from quintain.serving.embedders import open_embedder


class StudentPointer(PythonModel):
    """A student of the registry, as a function from instructions to responses; with a memory, under its edits."""

    def load_context(self, context: Any) -> None:
        """Find the weights and the memory, if there is one, and open them."""
        config = context.model_config
        sampling = Sampling(**config["sampling"])
        commit = config["git_commit"]
        self._model = LocalModel(find_weights(config["path"], config["digest"], commit), sampling)
        self._edited: EditedModel | None = None
        if editing := config.get("editing"):
            self._k = editing["k"]
            original = find_weights(editing["original"]["path"], editing["original"]["digest"], commit)
            memory = open_memory(**editing["memory"], embedder=editing["embedder"], git_commit=commit)
            self._edited = EditedModel(memory, self._model, LocalModel(original, sampling))

    def predict(self, model_input: list[str], params: dict[str, Any] | None = None):  # type: ignore[override, no-untyped-def]
        """Respond to each instruction.

        Args:
            model_input: The instructions.
            params: For a student with a memory: `k`, most edits to look at, 0 for the registered number; `as_of`, an
                ISO time to answer as the memory stood then, empty for now; `explain`, True for the edits behind each
                response.

        Returns:
            The responses; with `explain` mappings of `response`, `cited` (ids of the edits in the prompt) and `edits`
            (everything found, with its score and whether it passed the gate).
        """
        if self._edited is None:
            requests = [request("student/instruction", {"instruction": text}) for text in model_input]
            return [completion.text for completion in self._model.generate(requests)]
        asked = params or {}
        responses = self._edited.respond(model_input, k=asked.get("k") or self._k, as_of=asked.get("as_of") or None)
        if not asked.get("explain"):
            return [one.completion.text for one in responses]
        return [
            {
                "response": one.completion.text,
                "cited": list(one.cited),
                "edits": [
                    {"id": hit.id, "fact": hit.edit.fact, "score": hit.score, "passed": hit.passed} for hit in one.hits
                ],
            }
            for one in responses
        ]


def open_memory(path: str, head: str, embedder: str, git_commit: str) -> EditMemory:
    """Find and open a memory that has the registered acts; acts that came since count too.

    Args:
        path: Folder from the project's root.
        head: Hash over the registered acts.
        embedder: Name of the embedder.
        git_commit: Commit whose dvc.lock names it.

    Returns:
        The memory.

    Raises:
        RegistryError: Neither a project folder nor DVC has it.
        EditError: It was made by another embedder.
    """
    embed = open_embedder(embedder)

    def other(folder: Path) -> str:
        if not (folder / "log.sqlite").is_file():
            return "no memory"
        with EditMemory.open(folder, embed) as memory:
            return "" if memory.went_on_from(head) else "a memory without the registered edits"

    folder = find_folder(path, git_commit, other, f"the edits of {path} with head {head[:12]}")
    return EditMemory.open(folder, embed)


mlflow.models.set_model(StudentPointer())
