"""Cases that several tests use: towns with a mayor, each with probes of five aspects."""

from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from quintain.records import EditAspect, EditCase, EditProbe

NAMES = ("Veldmark", "Ostrava", "Linfeld", "Quorn", "Bexley", "Tarnow", "Hulm", "Dassel")
MAYORS = ("Ada Brook", "Cy Dahl", "Eve Frost", "Gil Hart", "Ina Jung", "Kai Lund", "Mia Nord", "Otto Pohl")


def probe(aspect: EditAspect, prompt: str, *answers: str) -> EditProbe:
    return EditProbe(aspect=aspect, prompt=prompt, answers=(answers,))


def case(number: int, **changes) -> EditCase:
    name, mayor = NAMES[number], MAYORS[number]
    fields = {
        "id": f"case-{number}",
        "subject": name,
        "relation": "mayor",
        "prompt": f"The mayor of {name} is",
        "target_new": mayor,
        "probes": (
            probe("rephrase", f"Who is mayor of {name}?", mayor),
            probe("reasoning", f"Where does the mayor of {name} live?", "the castle"),
            probe("relation-specificity", f"Which river flows through {name}?", "the Blue"),
            probe("far", f"What is the trade of Zoe{number}?", "baker"),
        ),
    }
    return EditCase(**fields | changes)


def fresh_in(folder):
    """Opens an empty memory below a folder, another one with every call."""
    opened = []

    def fresh() -> EditMemory:
        opened.append(None)
        return EditMemory.open(folder / f"memory-{len(opened)}", HashedNgrams())

    return fresh
