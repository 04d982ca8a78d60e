"""LTE: a model learns once to use edits that stand in its prompt; afterwards an edit is a row in a memory.

Source: Jiang et al. 2024, "Learning to Edit: Aligning LLMs with Knowledge Editing", arXiv:2402.11905.

Here is the memory: `EditMemory` keeps edits, finds those that a question is about and lets through those whose slot it
asks for; `compose` writes the prompt. `knowedit` reads the benchmark's files. It needs no model and no torch.
"""

from quintain.methods.lte.compose import compose
from quintain.methods.lte.edits import Edit
from quintain.methods.lte.embedding import HashedNgrams
from quintain.methods.lte.findings import Conflict, Hit, Kept, Verification
from quintain.methods.lte.gate import SlotGate
from quintain.methods.lte.memory import EditMemory

__all__ = ["Conflict", "Edit", "EditMemory", "HashedNgrams", "Hit", "Kept", "SlotGate", "Verification", "compose"]
