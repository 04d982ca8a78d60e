"""Items put to a student: it writes a response, or says how likely given ones are."""

from quintain.benchmarks.benchmark import Benchmark
from quintain.pipelines.evaluation.likelihoods import Asked, weigh_candidates, weighed_items
from quintain.records import Completion


def ask_student(benchmark: Benchmark, student: Asked) -> list[Completion]:
    """Ask a student every prompt of a benchmark once, whatever number of items share it.

    Args:
        benchmark: What is asked.
        student: Who is asked, opened by its role.

    Returns:
        A completion per distinct prompt; where an item gives its responses, their likelihoods.

    Raises:
        ConfigError: Some items give their responses, and the student stands behind an address.
    """
    weighed = weighed_items(benchmark, student)
    given = {item.id for item in weighed}
    written = (benchmark.ask(item) for item in benchmark.items if item.id not in given)
    requests = {asked.id: asked for asked in written}
    completions = student.generate(list(requests.values()))
    return completions + weigh_candidates(benchmark, weighed, student) if weighed else completions
