"""An exact evaluation pack, built when it is asked for: size and seed say all there is to it."""

from functools import cache
from typing import Any

from kedro.io import AbstractDataset

from quintain.benchmarks.exact.build import SIZES, build_pack
from quintain.errors import ConfigError, RecordError
from quintain.records import ConstraintItem

_built = cache(build_pack)


class ExactPackDataset(AbstractDataset[list[ConstraintItem], list[ConstraintItem]]):
    """Items whose every constraint is checked by code; the same size and seed give the same items everywhere.

    Args:
        size: `core` (1,200 items), `extended` (6,000), or a number of groups per category for a look around.
        seed: Seed of the pack; a new one gives items that no model has seen.
        metadata: For Kedro-Viz.

    Example:
        ```yaml
        pack:
          type: quintain.datasets.exact_pack.ExactPackDataset
          size: core
          seed: 0
        ```
    """

    def __init__(self, *, size: str | int = "core", seed: int = 0, metadata: dict[str, Any] | None = None) -> None:
        if size not in SIZES and not (isinstance(size, int) and size > 0):
            raise ConfigError(
                f"there is no exact pack {size!r}; there are {', '.join(SIZES)}, or a number of groups per category"
            )
        self._size = size
        self._seed = seed
        self.metadata = metadata

    def load(self) -> list[ConstraintItem]:
        """Build the pack, once per process: a second for `core`, a few for `extended`."""
        return list(_built(self._size, self._seed))

    def save(self, data: list[ConstraintItem]) -> None:
        """Refuse: a pack is its size and seed.

        Args:
            data: Ignored.

        Raises:
            RecordError: Always.
        """
        raise RecordError("an exact pack is built from its size and seed and is not saved; choose another seed instead")

    def _describe(self) -> dict[str, Any]:
        return {"size": self._size, "seed": self._seed}
