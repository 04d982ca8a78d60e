"""What the issue calls public works alone, in a fresh interpreter."""

import json
import subprocess
import sys

PROBE = """
import json, sys, tempfile
from quintain.methods.lte import EditMemory, Edit
import numpy as np
def embed(texts):
    return np.tile(np.eye(4, dtype=np.float32)[0], (len(texts), 1))
memory = EditMemory.open(tempfile.mkdtemp(), embed)
ids = memory.add([Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada")])
memory.revise(ids[0], Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Cy"))
hits = memory.search("The mayor of Veldmark is", k=3, as_of=None)
memory.verify()
print(json.dumps([hits[0].edit.target_new, hits[0].score, hits[0].passed, len(memory), sorted(sys.modules)]))
"""


def test_the_memory_works_without_kedro_mlflow_torch_and_transformers():
    process = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    *found, modules = json.loads(process.stdout)
    assert found == ["Cy", 1.0, True, 1]
    heavy = {"kedro", "mlflow", "torch", "transformers", "great_expectations", "dvc", "pandas", "faiss", "bm25s"}
    assert not heavy & set(modules)
