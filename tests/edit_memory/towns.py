"""Six edits of one kind, and the question for the fourth."""

from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from tests.methods.lte.edits import mayor

TOWNS = [mayor(f"Mayor {number}", f"Town {number}") for number in range(6)]
QUESTION = "Who is mayor of Town 3?"


def opened(folder):
    return EditMemory.open(folder, HashedNgrams(64))
