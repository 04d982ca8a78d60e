"""LTE: a model learns once to use edits that stand in its prompt; afterwards an edit is a row in a memory.

Source: Jiang et al. 2024, "Learning to Edit: Aligning LLMs with Knowledge Editing", arXiv:2402.11905.

Here are edits, the slot gate that decides which of them a question asks for, and `compose`, which writes the prompt.
`knowedit` reads the benchmark's files. The memory that keeps edits is `quintain.edit_memory`; `EditMemory` is offered
here as well. None of it needs a model or torch.
"""

from typing import TYPE_CHECKING

from quintain.methods.lte.compose import compose
from quintain.methods.lte.edits import Edit
from quintain.methods.lte.embedding import HashedNgrams
from quintain.methods.lte.findings import Conflict, Hit, Kept, Verification
from quintain.methods.lte.gate import SlotGate

if TYPE_CHECKING:
    from quintain.edit_memory import EditMemory

__all__ = ["Conflict", "Edit", "EditMemory", "HashedNgrams", "Hit", "Kept", "SlotGate", "Verification", "compose"]


def __getattr__(name: str) -> object:
    """Import the memory when it is asked for: it stands a floor above the methods and imports this package."""
    if name == "EditMemory":
        from quintain.edit_memory import EditMemory

        return EditMemory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
