"""Benchmarks, made from the settings of their entry in the catalog."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from quintain.benchmarks.benchmark import Benchmark
from quintain.benchmarks.registry import make_benchmark
from quintain.errors import RecordError


class BenchmarkDataset(AbstractDataset[Benchmark, Benchmark]):
    """A benchmark with its items; text of others is read where it lies and never copied.

    Example:
        ```yaml
        core.items@benchmark:
          type: quintain.datasets.BenchmarkDataset
          name: core
          benchmark: exact
          size: core
        ```

    Args:
        name: Name in lifecycle.yml.
        benchmark: Name under which it is offered; the same where it is not given.
        metadata: Read by Kedro-Viz and dvc-sync; `dvc_deps` names further files that it reads.
        **settings: Arguments of its class, such as `filepath`, `language` or `seed`.
    """

    def __init__(
        self, *, name: str, benchmark: str = "", metadata: dict[str, Any] | None = None, **settings: Any
    ) -> None:
        self._name = name
        self._kind = benchmark or name
        self._settings = settings
        self.metadata = metadata
        if "filepath" in settings:
            self._filepath = Path(settings["filepath"])  # what dvc-sync reads

    def load(self) -> Benchmark:
        """Make the benchmark and read its items, so that what is wrong with them is said before anybody is asked.

        Returns:
            The benchmark.

        Raises:
            ConfigError: Nobody offers it, it cannot be imported, or a setting is wrong.
            RecordError: It has no items, or what it reads is missing or broken.
        """
        found = make_benchmark(self._kind, self._name, self._settings)
        try:
            found.items  # noqa: B018 - reads them
        except ValueError as error:
            raise RecordError(f"benchmark {self._name!r}: {error}") from None
        return found

    def save(self, data: Benchmark) -> None:
        """Refuse: a benchmark is its settings and what it reads.

        Args:
            data: Ignored.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"benchmark {self._name!r} is only read; its settings stand in the catalog")

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name, "benchmark": self._kind, **self._settings}
