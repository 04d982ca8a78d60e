"""Register or promote in a process of its own and, where asked to, die by kill -9 before a call of MLflow's client.

Arguments: URI register DIGEST_LETTER [CALL [NUMBER]], or URI promote VERSION ..., or URI rollback "" ...
"""

import os
import resource
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from quintain import offline

offline.silence()

from conftest_registry import candidate  # noqa: E402 - after the switches

from quintain.registry.policy import BenchmarkPolicy, PromotionPolicy  # noqa: E402
from quintain.registry.promotion import promote, rollback  # noqa: E402
from quintain.registry.registration import register  # noqa: E402
from quintain.registry.store import open_store  # noqa: E402

NAME = "quintain-student"


def die_before(client, call, number):
    """Let the process be killed when it is about to make a call for the so-manieth time."""
    original, made = getattr(client, call), 0

    def killed(*arguments, **named):
        nonlocal made
        made += 1
        if made == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    setattr(client, call, killed)


def fill_disk():
    """Let no file of the process be written beyond its first 64 KiB, which is what a full disk does to it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))


def main(uri, verb, what="", call="", number="1"):
    client = open_store(uri)
    if call:
        die_before(client, call, int(number))
    if verb == "register":
        return register(client, uri, "quintain", NAME, candidate(digest=what * 64)).version
    if verb == "promote":
        policy = PromotionPolicy(benchmarks={"default": BenchmarkPolicy(margin=0.05)}, most_unread=0.01, replicates=100)
        return promote(client, uri, NAME, policy, what).decision.outcome
    return " ".join(rollback(client, uri, NAME))


if __name__ == "__main__":
    print(main(*sys.argv[1:]))  # noqa: T201 - what the test reads
