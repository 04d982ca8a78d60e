"""IFBench as a benchmark: every instruction of a prompt verified by code, strictly and loosely."""

from quintain.benchmarks.verifiable.benchmark import VerifiableBenchmark

RULES = "quintain-ifbench-1"
"""Name of this set of checkers; it changes whenever one of them judges differently."""


class IFBench(VerifiableBenchmark):
    """The released `IFBench_test.jsonl`, or a file of one's own in the same form, read where it lies."""

    name = "ifbench"
    rules = RULES
    released = "IFBench_test.jsonl"
    origin = "allenai/IFBench"
