"""The registered model itself: it knows where the weights are and loads them when asked.

MLflow stores this file with the version and runs it in any process that loads `models:/…`; `weights` says where they
are found.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import mlflow
from mlflow.pyfunc import PythonModel

from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.registry.weights import Weights, find_weights


class StudentPointer(PythonModel):
    """A student of the registry, as a function from instructions to responses."""

    def load_context(self, context: Any) -> None:
        """Find the weights and open them."""
        config = context.model_config
        root = Path(os.environ.get("QUINTAIN_PROJECT", Path.cwd())).resolve()
        scratch = Path(tempfile.mkdtemp(prefix="quintain-weights-"))
        stored = (context.artifacts or {}).get("weights")
        folder = find_weights(Weights.from_config(config), root, scratch, Path(stored) if stored else None)
        self._model = LocalModel(folder, Sampling(**config["sampling"]))

    def predict(self, model_input: list[str]) -> list[str]:  # type: ignore[override]
        """Respond to each instruction."""
        requests = [request("student/instruction", {"instruction": text}) for text in model_input]
        return [completion.text for completion in self._model.generate(requests)]


mlflow.models.set_model(StudentPointer())
