"""CPU per teacher call and rows per second against the official client, datatrove's runner, and the authors' way.

    python benchmarks/endpoint.py [CALLS]

A small server on loopback answers every chat at once with 0.75 kB; prompts have 3 kB. Each side is a process of its own
that is measured from its first call to its last, 64 in flight, sides taking turns. Ours is the whole path: ledger,
limits, budget, and a reply that is checked. The peers get environments of their own under QUINTAIN_PEERS, by default
in the temporary folder; what cannot be installed is said and left out.
"""

import asyncio
import json
import logging
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import cast

IN_FLIGHT = 64
ROUNDS = 3
LEAST_CPU_RATIO = 3.0
LEAST_ROWS_RATIO = 0.9
PEERS = Path(os.environ.get("QUINTAIN_PEERS", tempfile.gettempdir() + "/quintain-peers"))
REQUIREMENTS = {
    "openai": ["openai"],
    "datatrove": ["datatrove", "aiosqlite", "aiofiles", "httpx", "orjson", "xxhash<4"],
}
ENVIRONMENTS = {"ours": "", "openai": "openai", "datatrove": "datatrove", "datatrove-bare": "datatrove", "authors": ""}
NAMES = {
    "ours": "Quintain, calls kept",
    "openai": "openai, async client",
    "datatrove": "datatrove, calls kept",
    "datatrove-bare": "datatrove, nothing kept",
    "authors": "threads and a list",
}
PROMPT = "The town has a mayor, a market and a mill. " * 70
ANSWER = "The mill was built by the mayor's mother. " * 18


def prompt(i: int) -> str:
    return f"{i}: {PROMPT}"


# --- the sides -------------------------------------------------------------------------------------------------------


def ours(address: str, calls: int) -> int:
    from quintain.models.budget import Budget, Price
    from quintain.models.endpoint import EndpointModel
    from quintain.models.endpoint_settings import EndpointSettings
    from quintain.models.language_model import Sampling
    from quintain.models.ledger import Ledger
    from quintain.models.ledgered_model import LedgeredModel
    from quintain.prompts import request

    settings = EndpointSettings(
        address=address,
        model="teacher",
        concurrency=IN_FLIGHT,
        requests_per_minute=10_000_000,
        tokens_per_minute=10_000_000_000,
        budget=Budget(calls=10 * calls, money=1e9),
        price=Price(input=1, output=1),
    )
    requests = [request("student/instruction", {"instruction": prompt(i)}) for i in range(calls)]
    with tempfile.TemporaryDirectory() as folder:
        model = LedgeredModel(EndpointModel(settings, Sampling(temperature=1.0)), Ledger(Path(folder) / "l"), "teacher")
        with measured():
            completions = model.generate(requests)
    return sum(completion.text == ANSWER for completion in completions)


def openai(address: str, calls: int) -> int:
    from openai import AsyncOpenAI

    async def ask() -> int:
        client = AsyncOpenAI(base_url=address, api_key="none")
        room = asyncio.Semaphore(IN_FLIGHT)

        async def one(i: int) -> bool:
            async with room:
                reply = await client.chat.completions.create(
                    model="teacher",
                    messages=[{"role": "user", "content": prompt(i)}],
                    temperature=1.0,
                    max_tokens=512,
                    seed=i,
                )
            return reply.choices[0].message.content == ANSWER

        with measured():
            return sum(await asyncio.gather(*(one(i) for i in range(calls))))

    return asyncio.run(ask())


def datatrove(address: str, calls: int, keep: bool = True) -> int:
    from datatrove.data import Document
    from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
    from datatrove.pipeline.writers import JsonlWriter
    from loguru import logger

    logger.remove()

    async def rollout(document, generate):
        payload = {"messages": [{"role": "user", "content": document.text}], "temperature": 1.0, "max_tokens": 512}
        return (await generate(payload)).text

    with tempfile.TemporaryDirectory() as folder:
        runner = InferenceRunner(
            rollout,
            InferenceConfig(
                server_type="endpoint",
                model_name_or_path="teacher",
                endpoint_url=address.removesuffix("/v1"),
                max_concurrent_generations=IN_FLIGHT,
            ),
            JsonlWriter(
                f"{folder}/out",
                output_filename="${rank}_${chunk_index}.jsonl" if keep else "${rank}.jsonl",
                compression=None,
            ),
            checkpoints_local_dir=f"{folder}/checkpoints" if keep else None,
        )
        documents = [Document(text=prompt(i), id=str(i)) for i in range(calls)]
        with measured():
            runner.run(documents)
        lines = [line for path in Path(f"{folder}/out").rglob("*.jsonl") for line in path.read_text().splitlines()]
    return sum(json.loads(line)["metadata"]["rollout_results"] == [ANSWER] for line in lines)


def authors(address: str, calls: int) -> int:
    """Threads that take pages from a queue, and a list that is written when all is done."""
    todo: queue.Queue[int] = queue.Queue()
    for i in range(calls):
        todo.put(i)
    done: list[str] = []

    def work() -> None:
        while True:
            try:
                i = todo.get_nowait()
            except queue.Empty:
                return
            body = {"model": "teacher", "messages": [{"role": "user", "content": prompt(i)}], "temperature": 1.0}
            asked = urllib.request.Request(  # noqa: S310 - our own server
                f"{address}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(asked) as reply:  # noqa: S310
                done.append(json.load(reply)["choices"][0]["message"]["content"])

    with measured():
        threads = [threading.Thread(target=work) for _ in range(IN_FLIGHT)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sum(text == ANSWER for text in done)


SIDES: dict[str, Callable[[str, int], int]] = {
    "ours": ours,
    "openai": openai,
    "datatrove": datatrove,
    "datatrove-bare": lambda address, calls: datatrove(address, calls, keep=False),
    "authors": authors,
}


class measured:  # noqa: N801 - reads as a clause
    """Wall and CPU seconds of a block."""

    taken: tuple[float, float] = (0.0, 0.0)

    def __enter__(self) -> None:
        self._start = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        measured.taken = time.perf_counter() - self._start[0], time.process_time() - self._start[1]


# --- the server ------------------------------------------------------------------------------------------------------


class Teacher(asyncio.Protocol):
    """Just enough HTTP to answer any request at once."""

    _BODY = json.dumps(
        {
            "object": "chat.completion",
            "id": "x",
            "created": 0,
            "model": "teacher",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 750, "completion_tokens": 190, "total_tokens": 940},
        }
    ).encode()
    _REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for requests."""
        self._transport = cast("asyncio.Transport", transport)
        self._seen = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            head, rest = self._seen.split(b"\r\n\r\n", 1)
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
            )
            if len(rest) < length:
                return
            self._seen = rest[length:]
            self._transport.write(self._REPLY)
            if b"connection: close" in head.lower():
                self._transport.close()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Teacher, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# --- the run ---------------------------------------------------------------------------------------------------------


def environment(peer: str) -> tuple[Path | None, str]:
    """Python that has a peer, made when it is missing, and the peer's version; None and why not."""
    if not peer:
        return Path(sys.executable), ""
    folder = PEERS / peer
    python = folder / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install: list[str | Path] = [python, "-m", "pip", "install", "--quiet", *REQUIREMENTS[peer]]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder)
            return None, done.stderr.strip().splitlines()[-1]
    query = f"from importlib.metadata import version; print(version({peer!r}))"
    return python, subprocess.run([python, "-c", query], capture_output=True, text=True, check=True).stdout.strip()


def run_side(python: Path, side: str, address: str, calls: int) -> tuple[float, float]:
    """Wall and CPU seconds of one side in a process of its own."""
    command: list[str | Path] = [python, __file__, "--side", side, address, str(calls)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise SystemExit(f"{side} failed:\n{process.stderr[-2000:]}")
    answered, seconds, cpu_seconds = json.loads(process.stdout.splitlines()[-1])
    if answered != calls:
        raise SystemExit(f"{side} has {answered} answers of {calls}")
    return seconds, cpu_seconds


def main(calls: int) -> int:
    """Measure, print, and compare with the targets; 0 when they are met."""
    pythons: dict[str, Path] = {}
    for side, peer in ENVIRONMENTS.items():
        python, said = environment(peer)
        if python is None:
            print(f"{NAMES[side]} is left out, it cannot be installed: {said}")
        else:
            pythons[side] = python
            NAMES[side] += f" ({said})" if said else ""
    teacher = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    assert teacher.stdout is not None
    address = f"http://127.0.0.1:{teacher.stdout.readline().strip()}/v1"
    best = {side: (float("inf"), float("inf")) for side in pythons}
    try:
        for _ in range(ROUNDS):
            for side, python in pythons.items():
                wall, cpu = run_side(python, side, address, calls)
                best[side] = min(best[side][0], wall), min(best[side][1], cpu)
    finally:
        teacher.terminate()
        teacher.wait()
    print(f"{calls} calls, {IN_FLIGHT} in flight, best of {ROUNDS} rounds")
    for side, (wall, cpu) in best.items():
        print(f"  {NAMES[side]:36}{1000 * cpu / calls:7.2f} ms CPU per call{calls / wall:8.0f} rows/s")
    met = True
    if "openai" in best:
        ratio = best["openai"][1] / best["ours"][1]
        met = met and ratio >= LEAST_CPU_RATIO
        print(f"CPU per call, official client to ours: {ratio:.2f} (target at least {LEAST_CPU_RATIO})")
    if "datatrove" in best:
        ratio = best["datatrove"][0] / best["ours"][0]
        met = met and ratio >= LEAST_ROWS_RATIO
        print(
            f"rows/s, ours to datatrove's runner, both keeping calls: {ratio:.2f} (target at least {LEAST_ROWS_RATIO})"
        )
        print(f"rows/s, ours to datatrove's runner that keeps none: {best['datatrove-bare'][0] / best['ours'][0]:.2f}")
    print(f"CPU per call, the authors' way to ours: {best['authors'][1] / best['ours'][1]:.2f}")
    return 0 if met else 1


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve())
    elif sys.argv[1:2] == ["--side"]:
        count = SIDES[sys.argv[2]](sys.argv[3], int(sys.argv[4]))
        print(json.dumps([count, *measured.taken]))
    else:
        raise SystemExit(main(int((sys.argv[1:] or ["1000"])[0])))
