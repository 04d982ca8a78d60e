"""Edit memory: a durable store of edits with retrieval; the gate and the prompt are those of `quintain.methods.lte`."""

from quintain.edit_memory.memory import EditMemory

__all__ = ["EditMemory"]
