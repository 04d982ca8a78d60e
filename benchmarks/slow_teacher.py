"""WebR on real pages with a small model behind `quintain serve` as teacher: does it go through, is anything paid twice?

    python benchmarks/slow_teacher.py models/smollm2 pages.warc.gz [--pages 20] [--tokens 256] [--intermediate 8576]
        [--to DIR]

The server runs in a process of its own with the cores of this machine, and the roles ask it with `concurrency: 64`. A
proxy between them counts what arrives: a body that arrives twice was asked, and would have been paid, twice. It prints
the funnel with every reason, calls, tokens and seconds; with --to the rows and the drops stay.

With --intermediate the teacher works like a larger one: its feed-forward layers are widened with zeros, which add
nothing, so it says what it said. With 8,576 in place of 1,536 SmolLM2-135M has 0.5 B parameters (28 M in the
embeddings; 30 layers of 0.9 M for attention and 14.8 M for the feed-forward part).
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from synthesis_memory import ROOT, synthesis_catalog

CONCURRENCY = 64
TIMEOUT_SECONDS = 120


class CountingProxy:
    """Passes requests on to a server and counts them."""

    def __init__(self, server: str) -> None:
        self.bodies: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.in_flight = self.most_in_flight = self.hung_up = 0
        self._server = server

    @contextmanager
    def running(self) -> Iterator[str]:
        """Address of the proxy, which runs in a thread."""
        loop, address = asyncio.new_event_loop(), []
        up = threading.Event()

        async def serve(stop: asyncio.Event) -> None:
            app = web.Application(client_max_size=1 << 26)
            app.router.add_route("*", "/{path:.*}", self._pass)
            runner = web.AppRunner(app, handler_cancellation=True)
            await runner.setup()
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(None)) as self._session:
                site = web.TCPSite(runner, "127.0.0.1", 0)
                await site.start()
                address.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
                up.set()
                await stop.wait()
                await runner.cleanup()

        stop = asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=(serve(stop),))
        thread.start()
        up.wait()
        try:
            yield address[0]
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        asks = request.method == "POST"
        self.bodies[hashlib.sha256(body).hexdigest()] += asks
        self.in_flight += asks
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            headers = {"Content-Type": request.content_type}
            url = f"{self._server}{request.path_qs}"
            async with self._session.request(request.method, url, data=body, headers=headers) as reply:
                self.statuses[reply.status] += asks
                return web.Response(status=reply.status, body=await reply.read(), content_type=reply.content_type)
        except asyncio.CancelledError:
            self.hung_up += 1
            raise
        finally:
            self.in_flight -= asks


def widened(model: Path, intermediate: int, folder: Path) -> Path:
    """Write a Llama with wider feed-forward layers, which says the same and takes so much longer.

    A product with zeros is as much work as any other, and silu(0) x 0 is what the new neurons give.

    Args:
        model: Folder with one file of weights.
        intermediate: Neurons of each feed-forward layer of the new model.
        folder: Where to write it.

    Returns:
        The folder.
    """
    from safetensors.torch import load_file, save_file
    from torch.nn.functional import pad

    shutil.copytree(model, folder)
    config = json.loads((model / "config.json").read_text())
    more, config["intermediate_size"] = intermediate - config["intermediate_size"], intermediate
    (folder / "config.json").write_text(json.dumps(config))
    weights = load_file(folder / "model.safetensors")
    for name, weight in weights.items():
        if name.endswith(("mlp.gate_proj.weight", "mlp.up_proj.weight")):  # neurons x hidden size
            weights[name] = pad(weight, (0, 0, 0, more))
        elif name.endswith("mlp.down_proj.weight"):  # hidden size x neurons
            weights[name] = pad(weight, (0, more))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@contextmanager
def served(model: Path) -> Iterator[str]:
    """Address of `quintain serve` with a model folder."""
    command = [sys.executable, "-m", "quintain", "serve", str(model.resolve()), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            found = re.search(r"http://\S+?:\d+", line)
            if not found:
                raise SystemExit(f"the server did not start: {line}")
            yield found[0]
        finally:
            server.terminate()


def write_pages(archive: Path, count: int, path: Path) -> None:
    """Write the first pages of an archive as rows."""
    from quintain.records import RawPage
    from quintain.web import read_pages

    found = (page for page in read_pages(str(archive)) if isinstance(page, RawPage))
    with path.open("w", encoding="utf-8") as file:
        for page in islice(found, count):
            html = page.html.decode(page.charset or "utf-8", "replace")
            file.write(json.dumps({"url": page.url, "html": html}) + "\n")


def run(address: str, name: str, tokens: int) -> dict[str, Any]:
    """Run the pipeline in the working folder, and give its funnel."""
    import logging

    logging.getLogger("kedro").setLevel(logging.WARNING)
    from kedro.runner import SequentialRunner

    from quintain.pipelines.synthesis import create_pipeline
    from quintain.web import read_pages
    from tests.lifecycles import tree

    teacher = {
        "backend": "openai",
        "address": f"{address}/v1",
        "model": name,
        "concurrency": CONCURRENCY,
        "timeout_seconds": TIMEOUT_SECONDS,
        "sampling": {"temperature": 0.7, "top_p": 0.95, "max_new_tokens": tokens},
    }
    catalog = synthesis_catalog("hub", read_pages("pages.jsonl"), {"author": teacher, "teacher": teacher}, {})
    SequentialRunner().run(create_pipeline(tree()), catalog)
    return catalog.load("synthesis_funnel")


def main() -> None:
    """Run, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", type=Path, help="folder of the teacher")
    parser.add_argument("archive", type=Path, help="web archive with the pages")
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=256, help="most tokens of a reply")
    parser.add_argument(
        "--intermediate",
        type=int,
        help="neurons of each feed-forward layer, where the teacher shall work like a larger one",
    )
    parser.add_argument("--to", type=Path, help="folder that keeps rows, drops and the ledger")
    given = parser.parse_args()
    from quintain.errors import QuintainError

    archive = given.archive.resolve()
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        teacher = given.model
        if given.intermediate:
            teacher = widened(given.model, given.intermediate, temporary / f"{given.model.name}-{given.intermediate}")
        server = stack.enter_context(served(teacher))
        folder = (given.to or temporary / "run").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        write_pages(archive, given.pages, Path("pages.jsonl"))
        proxy = CountingProxy(server)
        started = time.monotonic()
        try:
            with proxy.running() as address:
                found = told(run(address, teacher.name, given.tokens))
        except QuintainError as error:  # what was asked is worth knowing all the same
            found = {"error": str(error)}
        finally:
            os.chdir(ROOT)  # the temporary folder goes
        seconds = round(time.monotonic() - started)
    calls = sum(proxy.bodies.values())
    found |= {
        "calls_at_the_server": calls,
        "repeated_calls": calls - len(+proxy.bodies),
        "statuses": dict(proxy.statuses),
        "most_in_flight": proxy.most_in_flight,
        "hung_up": proxy.hung_up,
        "seconds": seconds,
    }
    sys.stdout.write(json.dumps({"pages": given.pages, **found}, indent=1) + "\n")


def told(funnel: dict[str, Any]) -> dict[str, Any]:
    """Rows, drops by reason and calls of a funnel."""
    dropped = {
        f"{part}/{stage}": count["dropped"]
        for part in ("pages", "pairs")
        for stage, count in funnel[part].items()
        if count["dropped"]
    }
    kinds = funnel["kinds"]
    return {"rows": sum(kinds.values()), "kinds": kinds, "dropped": dropped, "spent": funnel["spent"]}


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
