"""Keys and values of a batch in memory that is taken once: rows join and leave, and nothing is copied at a token.

A row has a slot, and all rows in work end at one column, as if they were padded at the left; so the masks and positions
that every model makes for padded batches hold here too.

```text
          start                 end        capacity
slot 0      |  · · a a a a a a a |            |
slot 1      |  b b b b b b b b b |            |     a step writes column `end` of every row
slot 2      |  · · · · · c c c c |            |     a row that joins is written so that it stops there
slot 3                                              free
```
"""

from dataclasses import dataclass
from typing import Any

import torch
from transformers import Cache, DynamicCache
from transformers.cache_utils import CacheLayerMixin, DummyLayer, DynamicLayer, DynamicSlidingWindowLayer

Part = tuple[torch.Tensor, torch.Tensor] | None
"""Keys and values of one layer."""


@dataclass
class Block:
    """The part of the memory that the network sees: some slots, and the columns that are written so far."""

    first_slot: int = 0
    slots: int = 0
    start: int = 0
    end: int = 0


class RowLayer(CacheLayerMixin):
    """Memory of one layer.

    Args:
        cache: The cache that it is part of.
        window: Tokens that a token of this layer looks back to, itself counted; None for all.
    """

    keys: torch.Tensor
    values: torch.Tensor

    def __init__(self, cache: "RowCache", window: int | None) -> None:
        super().__init__()
        self.is_sliding = window is not None
        self._cache = cache
        self._window = window

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Take the memory: heads and their width are known with the first tokens."""
        slots, capacity = self._cache.slots, self._cache.capacity
        # Zeros, for what stands in a masked column has the weight nought, and nought times nan is nan.
        self.keys = key_states.new_zeros(slots, key_states.shape[1], capacity, key_states.shape[3])
        self.values = value_states.new_zeros(slots, value_states.shape[1], capacity, value_states.shape[3])
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write the next columns of the block.

        Args:
            key_states: Keys of Q new tokens, shape (B, H, Q, D).
            value_states: Their values, shape (B, H, Q, D).

        Returns:
            Views of all keys and values that the new tokens may look at, shape (B, H, T, D).
        """
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        block, new = self._cache.block, key_states.shape[2]
        slots = slice(block.first_slot, block.first_slot + block.slots)
        self.keys[slots, :, block.end : block.end + new] = key_states
        self.values[slots, :, block.end : block.end + new] = value_states
        seen = slice(self._first(), block.end + new)
        return self.keys[slots, :, seen], self.values[slots, :, seen]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Columns that `query_length` new tokens may look at, and how many of the block stand before them."""
        block, first = self._cache.block, self._first()
        return block.end + query_length - first, first - block.start

    def get_seq_length(self) -> int:
        """Columns of the block that are written."""
        return self._cache.block.end - self._cache.block.start

    def get_max_length(self) -> int:
        """Columns that there are."""
        return self._cache.capacity

    def move(self, from_slots: slice, from_columns: slice, to_slots: slice, to_columns: slice) -> None:
        """Copy a part of the memory to another part; the two may overlap."""
        for memory in (self.keys, self.values) if self.is_initialized else ():
            memory[to_slots, :, to_columns] = memory[from_slots, :, from_columns].clone()

    def part(self, slot: int, columns: slice) -> Part:
        """A copy of some columns of a slot, shape (1, H, T, D) each; None of a layer that keeps nothing."""
        if not self.is_initialized:
            return None
        slots = slice(slot, slot + 1)
        return self.keys[slots, :, columns].clone(), self.values[slots, :, columns].clone()

    def put(self, part: Part, slots: slice, columns: slice) -> None:
        """Write the first of the columns that `part` gave into slots."""
        if part is not None:
            if not self.is_initialized:
                self.lazy_initialization(*part)
            for memory, copy in zip((self.keys, self.values), part, strict=True):
                memory[slots, :, columns] = copy[:, :, : columns.stop - columns.start]

    def take_anew(self, slots: int, columns: slice) -> None:
        """Take memory of another shape; what stands in the first slots moves to its first columns."""
        if self.is_initialized:
            formerly = self.keys[:slots, :, columns], self.values[:slots, :, columns]
            self.lazy_initialization(self.keys, self.values)
            for memory, former in zip((self.keys, self.values), formerly, strict=True):
                memory[:slots, :, : columns.stop - columns.start] = former

    def _first(self) -> int:
        """The first column that the next token may look at."""
        block = self._cache.block
        return block.start if self._window is None else max(block.start, block.end - self._window + 1)


class RowCache(Cache):
    """Cache of rows that come and go.

    Args:
        config: Configuration of the network, one for which `obstacle` finds nothing.
    """

    def __init__(self, config: Any) -> None:
        self.slots, self.capacity = 0, 0
        self.block = Block()
        likes = DynamicCache(config=config).layers
        super().__init__(
            layers=[
                DummyLayer() if isinstance(like, DummyLayer) else RowLayer(self, getattr(like, "sliding_window", None))
                for like in likes
            ]
        )
        self._own = [layer for layer in self.layers if isinstance(layer, RowLayer)]

    def lay_out(self, slots: int, capacity: int) -> None:
        """Take memory for so many rows of so many tokens; the rows of the block stay."""
        block = self.block
        kept, columns = block.slots, slice(block.start, block.end)
        self.slots, self.capacity = slots, capacity
        for layer in self._own:
            layer.take_anew(kept, columns)
        self.block = Block(0, kept, 0, block.end - block.start)

    def end_at(self, column: int) -> None:
        """Move the rows of the block so that they end at a column."""
        block, width = self.block, self.block.end - self.block.start
        if width and column != block.end:
            slots = slice(0, block.slots)
            self.move(slots, slice(block.start, block.end), slots, slice(column - width, column))
        self.block = Block(0, block.slots, column - width, column)

    def copy_row(self, slot: int, to: int, width: int) -> None:
        """Copy a row of so many tokens to another slot."""
        columns = slice(self.block.end - width, self.block.end)
        self.move(slice(slot, slot + 1), columns, slice(to, to + 1), columns)

    def move(self, from_slots: slice, from_columns: slice, to_slots: slice, to_columns: slice) -> None:
        """Copy a part of the memory to another part; the two may overlap."""
        if (from_slots, from_columns) != (to_slots, to_columns):
            for layer in self._own:
                layer.move(from_slots, from_columns, to_slots, to_columns)

    def parts(self, slot: int, columns: slice) -> list[Part]:
        """A copy of some columns of a slot, layer by layer."""
        return [layer.part(slot, columns) for layer in self._own]

    def put(self, parts: list[Part], slots: slice, columns: slice) -> None:
        """Write the first of the columns that `parts` gave into slots."""
        for layer, part in zip(self._own, parts, strict=True):
            layer.put(part, slots, columns)


def obstacle(network: Any) -> str:
    """The reason why a network cannot work on a RowCache; empty when it can.

    Args:
        network: A causal language model of transformers, an adapter of peft unwrapped.

    Returns:
        The reason, for the log.
    """
    from transformers import GenerationMixin

    kind = type(network)
    if network.config.is_encoder_decoder or network._is_stateful or not kind._supports_default_dynamic_cache():
        return f"{kind.__name__} keeps a state of its own kind"
    if kind.prepare_inputs_for_generation is not GenerationMixin.prepare_inputs_for_generation:
        return f"{kind.__name__} prepares its inputs in a way of its own"
    kinds = {type(layer) for layer in DynamicCache(config=network.config).layers}
    if others := sorted(each.__name__ for each in kinds - {DynamicLayer, DynamicSlidingWindowLayer, DummyLayer}):
        return f"{kind.__name__} keeps more than keys and values ({', '.join(others)})"
    return ""
