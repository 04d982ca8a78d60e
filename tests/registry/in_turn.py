"""Work on one model of a server at the same instant as others: says when it is ready, begins when it is told.

Arguments: URI count TIMES, or URI promote VERSION. Prints the count it left, or the outcome and over which version.
"""

import sys

from quintain import offline

offline.silence()

from quintain.registry.policy import BenchmarkPolicy, PromotionPolicy  # noqa: E402 - after the switches
from quintain.registry.promotion import promote  # noqa: E402
from quintain.registry.store import open_store  # noqa: E402
from quintain.registry.turns import turn  # noqa: E402

NAME = "quintain-student"
POLICY = PromotionPolicy(benchmarks={"default": BenchmarkPolicy(margin=0.05)}, most_unread=0.01, replicates=100)


def count(client, uri, times):
    """Read a number and write the next one, which loses counts whenever two do it at once."""
    for _ in range(int(times)):
        with turn(client, uri, NAME):
            before = int(client.get_registered_model(NAME).tags.get("count", "0"))
            client.set_registered_model_tag(NAME, "count", str(before + 1))
    return before + 1


def main(uri, verb, what):
    client = open_store(uri)
    print("ready", flush=True)  # noqa: T201 - what the test reads
    sys.stdin.readline()
    if verb == "count":
        return count(client, uri, what)
    promotion = promote(client, uri, NAME, POLICY, what)
    return f"{promotion.decision.outcome} {promotion.champion}"


if __name__ == "__main__":
    print(main(*sys.argv[1:]))  # noqa: T201 - what the test reads
