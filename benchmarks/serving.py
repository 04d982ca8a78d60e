"""The server beside itself without batches: 16 clients at a time over real HTTP, in one process.

    python benchmarks/serving.py [FOLDER] [REQUESTS]
    python benchmarks/serving.py upstream [EDITS] [REQUESTS]     edits before another server: serving_upstream.py

FOLDER defaults to the embedded student, data/06_models/base, asked the almanac's own instructions; where that is not
there yet, a random Llama of its shape stands in. Both sides decode greedily and take turns, and every response is
compared.
"""

import logging
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch
import uvicorn
from generation_tiny import STUDENT, random_student

from quintain import offline
from quintain.almanac.pack import build_pack
from quintain.almanac.world import WorldParams, make_world
from quintain.models.endpoint import EndpointModel
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.serving.app import make_app
from quintain.serving.batching import Batcher
from quintain.serving.server import address_of, take_port
from quintain.serving.student import Student

SAMPLING = Sampling(max_new_tokens=80)
CLIENTS = 16
LEAST_RATIO = 3.0
ROUNDS = 3


@contextmanager
def served(folder: Path, batcher: Batcher) -> Iterator[str]:
    """Address of a server in a thread of this process."""
    with take_port("127.0.0.1", 0) as taken:
        taken.listen()
        # a model of its own, since a server that ends halts the one it has
        app = make_app(Student("student", LocalModel(folder, SAMPLING)), batcher)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([taken],))
        thread.start()
        yield address_of(taken)
        server.should_exit = True
        thread.join()


def main(folder: Path, n: int) -> int:
    """Measure, print, and compare with the target; 0 when it is met."""
    offline.silence()
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    items = build_pack(make_world(WorldParams()), groups_per_category=20, seed=99)
    items = items[:: max(1, len(items) // n)]
    requests = [request("student/instruction", {"instruction": item.instruction}) for item in items]
    sides: dict[str, Callable[[], Batcher]] = {
        "one by one": partial(Batcher, most=1, window_seconds=0),
        "in batches": Batcher,
    }
    texts: dict[str, list[str]] = {}
    speed = dict.fromkeys(sides, 0.0)
    with tempfile.TemporaryDirectory() as scratch:
        if not folder.is_dir():
            print(f"{folder} is not there, a random Llama stands in")
            folder = random_student(Path(scratch) / "random", [item.instruction for item in items])
        for _ in range(ROUNDS):
            for name, batcher in sides.items():
                with served(folder, batcher()) as address:
                    settings = EndpointSettings(address=address, model="student", concurrency=CLIENTS)
                    client = EndpointModel(settings, SAMPLING)
                    client.generate(requests[:2])  # the first calls pay for what is set up once
                    start = time.perf_counter()
                    texts[name] = [completion.text for completion in client.generate(requests)]
                    speed[name] = max(speed[name], len(requests) / (time.perf_counter() - start))
    alone, together = sides
    equal = sum(a == b for a, b in zip(texts[alone], texts[together], strict=True))
    ratio = speed[together] / speed[alone]
    print(f"{folder.name}, {len(requests)} requests, {CLIENTS} at a time, best of {ROUNDS} rounds, requests per second")
    for name, per_second in speed.items():
        print(f"  {name:22}{per_second:8.1f}")
    print(f"responses equal: {equal} of {len(requests)}")
    print(f"ratio {ratio:.2f} (target at least {LEAST_RATIO})")
    return 0 if ratio >= LEAST_RATIO and equal == len(requests) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["upstream"]:
        import serving_upstream

        given = [int(each) for each in sys.argv[2:4]]
        raise SystemExit(serving_upstream.main(*given, *(10_000, 300)[len(given) :]))
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else STUDENT, int((sys.argv[2:] or ["150"])[0])))
