"""Tellings of the situations in the pack `starter`."""

from quintain.packs.worlds.told import Telling

_PEOPLE = ("Ada", "Bruno", "Celia", "Dario", "Edith", "Goran", "Hanna", "Ivo", "Jana", "Karl", "Lena", "Mara")
HOLDING = Telling(
    source="three kites",
    facts=(
        "{a} has a {x} kite, {b} has a {y} kite and {c} has a {z} kite. "
        'As "Kite:", give the colour of the kite that {a} has.',
        '{a} and {b} then swap their kites. As "Other:", give the colour of the kite that {b} has.',
        'After that {b} gets a {w} kite instead. As "Owner:", give the name of the one who has the {z} kite.',
        'Then {a} and {c} swap their kites. As "Third:", give the colour of the kite that {c} has.',
        'Last of all {c} paints that kite {v}. As "Painter:", give the name of the one who has the {v} kite.',
    ),
    names=("Kite", "Other", "Owner", "Third", "Painter"),
    pools={
        "people": _PEOPLE,
        "kinds": ("red", "blue", "green", "yellow", "white", "black", "grey", "brown"),
    },
)
COUNTING = Telling(
    source="a basket of fruit",
    facts=(
        'There are {m} pears and {n} plums in a basket. As "Pears:", give the number of pears in the basket.',
        '{p} pears are taken out. As "Plums:", give the number of plums in the basket.',
        'Then {q} plums are put in. As "All:", give the number of pears and plums together.',
        'After that {r} pears are put in. As "More:", say which there are more of, pears or plums.',
        'In the end {s} plums are taken out. As "Gone:", give the number of pieces that were taken out in all.',
    ),
    names=("Pears", "Plums", "All", "More", "Gone"),
    pools={},
    words=("pears", "plums"),
)
LINING_UP = Telling(
    source="things on a shelf",
    facts=(
        'On a shelf stand, from left to right, a {a}, a {b} and a {c}. As "First:", give the one at the left end.',
        'A {d} is put at the left end. As "Last:", give the one at the right end.',
        'Then a {e} is put at the right end. As "Count:", give the number of things on the shelf.',
        'The {d} is taken away again. As "Second:", give the second one from the left.',
        'In the end the {a} and the {e} change places. As "Third:", give the third one from the left.',
    ),
    names=("First", "Last", "Count", "Second", "Third"),
    pools={"things": ("cup", "lamp", "book", "vase", "clock", "bowl", "radio", "plant", "jug", "box", "doll", "ball")},
)
