"""The edit memory against bare numpy and against the authors' way, as ratios of CPU seconds in one run.

    python benchmarks/edit_memory.py [EDITS ...]

EDITS are sizes of the memory, by default 1,000, 10,000 and 100,000; from 1,000,000 on the extra `quintain[faiss]` is
measured. The vectors are generated in clusters, 384 numbers each; embedding is a
look-up, on both sides.
"""

import pickle
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit

DIMENSION = 384
CLUSTERS = 2000
QUESTIONS = 200
CHUNK = 5000
Result = TypeVar("Result")


class Table:
    """An embedder that looks its vectors up."""

    name = "table"

    def __init__(self, edits: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        centres = rng.standard_normal((CLUSTERS, DIMENSION), np.float32)
        self._vectors = np.empty((edits + QUESTIONS, DIMENSION), np.float32)
        for start in range(0, len(self._vectors), CHUNK):
            part = self._vectors[start : start + CHUNK]
            part[:] = centres[rng.integers(CLUSTERS, size=len(part))]
            part += 0.5 * rng.standard_normal(part.shape, np.float32)
            part /= np.linalg.norm(part, axis=1, keepdims=True)
        self._edits = edits

    def __call__(self, texts: list[str]) -> np.ndarray:
        """The vectors of prompts, facts and questions."""
        return self._vectors[[self._place(text) for text in texts]]

    def _place(self, text: str) -> int:
        kind, number = re.findall(r"(town|question) (\d+)", text)[0]
        return int(number) + (self._edits if kind == "question" else 0)

    @property
    def edits(self) -> np.ndarray:
        """The vectors of the prompts."""
        return self._vectors[: self._edits]


def edit(number: int) -> Edit:
    return Edit(subject=f"town {number}", relation="mayor", prompt=f"The mayor of town {number} is", target_new="Ada")


def brute_force(matrix: np.ndarray, table: Table, text: str, k: int = 3) -> np.ndarray:
    scores = matrix @ table([text])[0]
    best = np.argpartition(scores, -k)[-k:]
    return best[np.argsort(-scores[best])]


def cpu(work: Callable[..., Result], *arguments: Any) -> tuple[float, Result]:
    started = time.process_time()
    result = work(*arguments)
    return time.process_time() - started, result


def measure(edits: int) -> None:
    """One size of memory: inserts, queries, recall, visibility."""
    table = Table(edits)
    matrix = table.edits
    with tempfile.TemporaryDirectory() as folder:
        before = resident_bytes()
        memory = EditMemory.open(folder, table)
        inserted = 0.0
        ids: list[str] = []
        for start in range(0, edits, CHUNK):
            batch = [edit(number) for number in range(start, min(start + CHUNK, edits))]
            seconds, given = cpu(memory.add, batch)
            inserted += seconds
            ids += given
        place = {one: number for number, one in enumerate(ids)}
        built, approximate = cpu(memory.build_approximate)
        ours, bare, found = [], [], 0
        for number in range(QUESTIONS):
            text = f"question {number}"
            seconds, truth = cpu(brute_force, matrix, table, text)
            bare.append(seconds)
            seconds, hits = cpu(memory.search, text)
            ours.append(seconds)
            found += len({place[hit.id] for hit in hits} & set(truth.tolist()))
        # one at a time, each followed by the question that it answers
        streamed, seen = 0.0, 0
        for number in range(100):
            memory.revoke([ids[number]])
            seconds, _ = cpu(memory.add, [edit(number)])
            streamed += seconds
            seen += memory.search(f"The mayor of town {number} is")[0].passed
        on_disk = sum(path.stat().st_blocks * 512 for path in Path(folder).iterdir())
        p50, bare50 = statistics.median(ours), statistics.median(bare)
        print(
            f"{edits:9,}  {bare50 * 1e3:8.3f}  {p50 * 1e3:8.3f}  {p50 / bare50:6.2f}  {bare50 / p50:6.1f}"
            f"  {found / 3 / QUESTIONS:6.4f}  {edits / inserted:9,.0f}  {100 / streamed:9,.0f}  {seen:3d}/100"
            f"  {on_disk / edits:7,.0f}  {(resident_bytes() - before) / edits:7,.0f}"
            + (f"  built in {built:.0f} s" if approximate else "")
        )
        memory.close()


def resident_bytes() -> int:
    """Memory of this process that is not backed by a file."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"RssAnon:\s+(\d+)", status)[0]) * 1024


def against_the_authors_way(edits: int = 10_000) -> None:
    """Per edit at this size: load the embedder, read and write one pickle of everything, as SeqEdit does."""
    import torch
    from transformers import BertConfig, BertModel

    torch.set_num_threads(1)
    table = Table(edits + 20)
    config = BertConfig(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536, vocab_size=30522
    )
    with tempfile.TemporaryDirectory() as folder:
        encoder, pickled = Path(folder) / "encoder", Path(folder) / "memory.pkl"
        BertModel(config).save_pretrained(encoder)
        prompts = [edit(number).prompt for number in range(edits)]
        pickled.write_bytes(pickle.dumps({"sentences": prompts, "embeddings": table.edits[:edits]}))

        def their_edit() -> None:
            BertModel.from_pretrained(encoder)
            rewrite()

        def rewrite() -> None:
            held = pickle.loads(pickled.read_bytes())  # noqa: S301 - it was written a moment ago
            held["sentences"].append("one more")
            held["embeddings"] = np.concatenate([held["embeddings"], table.edits[-1:]])
            pickled.write_bytes(pickle.dumps(held))

        theirs = statistics.median(cpu(their_edit)[0] for _ in range(5))
        without_loading = statistics.median(cpu(rewrite)[0] for _ in range(5))
        memory = EditMemory.open(Path(folder) / "memory", table)
        memory.add([edit(number) for number in range(edits)])
        one_more = iter(range(edits, edits + 20))
        ours = statistics.median(cpu(lambda: memory.add([edit(next(one_more))]))[0] for _ in range(20))
        model = BertModel.from_pretrained(encoder).eval()
        tokens = torch.arange(12)[None]
        with torch.inference_mode():
            model(tokens)
            embedding = statistics.median(cpu(lambda: model(tokens))[0] for _ in range(20))
        retrieval = statistics.median(cpu(lambda: memory.search("question 1"))[0] for _ in range(50))
        memory.close()
    print(f"\nper edit at {edits:,}: ours {ours * 1e3:.3f} ms")
    print(f"  the authors' way {theirs * 1e3:.0f} ms, {theirs / ours:,.0f} x (goal 100)")
    print(f"  their pickle alone {without_loading * 1e3:.1f} ms, {without_loading / ours:,.0f} x")
    print(f"one question at {edits:,}: retrieval {retrieval * 1e3:.3f} ms, an encoder of MiniLM's shape")
    print(f"  {embedding * 1e3:.1f} ms, {retrieval / embedding:.2f} of it (goal 0.50)")


if __name__ == "__main__":
    print(f"numpy {np.__version__}, CPU milliseconds, {QUESTIONS} questions")
    print("    edits  bare p50  ours p50  ratio  faster  recall  inserts/s   streamed/s   seen   disk B    RAM B")
    for size in [int(argument) for argument in sys.argv[1:]] or [1000, 10_000, 100_000]:
        measure(size)
    against_the_authors_way()
