"""IFEval as a benchmark: every instruction of a prompt verified by code, strictly and loosely."""

from quintain.benchmarks.verifiable.benchmark import VerifiableBenchmark

RULES = "quintain-ifeval-1"
"""Name of this set of checkers; it changes whenever one of them judges differently."""


class IFEval(VerifiableBenchmark):
    """The released `input_data.jsonl`, or a file of one's own in the same form, read where it lies."""

    name = "ifeval"
    rules = RULES
    released = "input_data.jsonl"
    origin = "google-research/instruction_following_eval, or of google/IFEval on the hub"
