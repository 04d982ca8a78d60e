"""The edit memory before another server beside that server alone: the time that each request takes longer.

    python benchmarks/serving.py upstream [EDITS] [REQUESTS]

Three processes talk over real HTTP: a server that answers at once, `quintain serve --upstream` before it, and this one,
which asks both in turns: questions that an edit is about, questions that none is about, and streams. Beside the time
that passes stands the time that a processor works for a request, which other programs lengthen less.
"""

import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams

MOST_MS = 5.0
WARM = 20
_REPLY = json.dumps(
    {"id": "a", "object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"},
     "finish_reason": "stop"}], "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}}
)  # fmt: skip
_BEHIND = """
import asyncio
from aiohttp import web
reply = {reply!r}
chunk = 'data: {{"choices": [{{"index": 0, "delta": {{"content": "x"}}}}]}}\\n\\n'

async def answer(request):
    if not (await request.json()).get("stream"):
        return web.Response(text=reply, content_type="application/json")
    response = web.StreamResponse(headers={{"Content-Type": "text/event-stream"}})
    await response.prepare(request)
    for _ in range(20):
        await response.write(chunk.encode())
    await response.write(b"data: [DONE]\\n\\n")
    return response

async def main():
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    app.router.add_get("/v1/models", lambda _: web.json_response({{"data": []}}))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def edit(number: int) -> Edit:
    """An edit about a town of its own."""
    name = f"Town{number} on the Mere"
    return Edit(subject=name, relation="mayor", prompt=f"The mayor of {name} is", target_new=f"Ada Brook {number}")


@contextlib.contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with the block."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


class Client:
    """One connection to a server."""

    def __init__(self, place: str) -> None:
        self._connection = http.client.HTTPConnection(place, timeout=60)

    def ask(self, body: bytes) -> tuple[float, bytes]:
        """Milliseconds to the first bytes of the reply, and the whole of it."""
        started = time.perf_counter()
        self._connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        reply = self._connection.getresponse()
        first = reply.read1(100)
        took = 1000 * (time.perf_counter() - started)
        return took, first + reply.read()


def question(text: str, *, stream: bool) -> bytes:
    """A chat of three turns."""
    turns = [
        {"role": "system", "content": "You answer in one line."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello, how can I help?"},
        {"role": "user", "content": text},
    ]
    return json.dumps({"model": "m", "messages": turns, "stream": stream}).encode()


def main(edits: int, requests: int) -> int:
    """Measure, print, and compare with the target; 0 when it is met."""
    with tempfile.TemporaryDirectory() as folder:
        with EditMemory.open(Path(folder) / "edits", HashedNgrams()) as memory:
            memory.add([edit(number) for number in range(edits)])
        with process(sys.executable, "-c", _BEHIND.format(reply=_REPLY)) as behind:
            assert behind.stdout is not None
            place = f"127.0.0.1:{behind.stdout.readline().strip()}"
            serve = ("serve", "--upstream", f"http://{place}/v1", "--memory", f"{folder}/edits", "--port", "0")
            with process(sys.executable, "-m", "quintain", *serve) as before:
                assert before.stdout is not None
                said = before.stdout.readline()
                address = urlsplit(said.split(" answers at ")[1].split(";")[0]).netloc
                return _compare(Client(place), Client(address), before.pid, edits, requests)


def worked_ms(process_id: int) -> float:
    """Milliseconds that processors worked for a process."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _compare(alone: Client, under: Client, process_id: int, edits: int, requests: int) -> int:
    step = max(1, edits // requests)
    about = [f"Who is mayor of {edit(number * step).subject}?" for number in range(requests)]
    kinds = {
        "under an edit": [question(text, stream=False) for text in about],
        "no edit is about": [question(f"Which river is in Ostheim {n}?", stream=False) for n in range(requests)],
        "under an edit, stream": [question(text, stream=True) for text in about],
    }
    print(f"{edits:,} edits, {requests} requests of each kind, milliseconds to the first bytes")
    print(f"{'':24}{'alone':>8}{'before':>8}{'longer by':>11}{'95 % within':>13}{'of it work':>12}")
    worst = 0.0
    for name, bodies in kinds.items():
        cited = "under" in name
        for body in bodies[:WARM]:
            alone.ask(body)
            assert (b"quintain" in under.ask(body)[1]) == cited
        worked = worked_ms(process_id)
        pairs = [(alone.ask(body)[0], under.ask(body)[0]) for body in bodies]
        worked = (worked_ms(process_id) - worked) / len(bodies)
        longer = sorted(after - bare for bare, after in pairs)
        middle = statistics.median(longer)
        worst = max(worst, middle)
        bare, after = (statistics.median(times) for times in zip(*pairs, strict=True))
        within = longer[int(0.95 * len(longer))]
        print(f"{name:24}{bare:8.2f}{after:8.2f}{middle:11.2f}{within:13.2f}{worked:12.2f}")
    print(f"overhead {worst:.2f} ms (target at most {MOST_MS:g})")
    return 0 if worst <= MOST_MS else 1
