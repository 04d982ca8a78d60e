"""Tellings of the situations in the pack `starter`, and in the training items."""

from quintain.packs.worlds.told import Telling

_PEOPLE = ("Ada", "Bruno", "Celia", "Dario", "Edith", "Goran", "Hanna", "Ivo", "Jana", "Karl", "Lena", "Mara")
HOLDING = Telling(
    source="three kites",
    facts=(
        "{a} has a {x} kite, {b} has a {y} kite and {c} has a {z} kite. "
        'Write "Kite:" and then the colour of the kite that {a} has.',
        '{a} and {b} then swap their kites. Write "Other:" and then the colour of the kite that {b} has.',
        'After that {b} gets a {w} kite instead. Write "Owner:" and then the name of the one who has the {z} kite.',
        'Then {a} and {c} swap their kites. Write "Third:" and then the colour of the kite that {c} has.',
        'Last of all {c} paints that kite {v}. Write "Painter:" and then the name of the one who has the {v} kite.',
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
        'There are {m} pears and {n} plums in a basket. Write "Pears:" and then the number of pears in the basket.',
        '{p} pears are taken out. Write "Plums:" and then the number of plums in the basket.',
        'Then {q} plums are put in. Write "All:" and then the number of pears and plums together.',
        'After that {r} pears are put in. Write "More:" and then the fruit that there is more of, pears or plums.',
        'In the end {s} plums are taken out. Write "Gone:" and then the number of pieces that were taken out in all.',
    ),
    names=("Pears", "Plums", "All", "More", "Gone"),
    pools={},
    words=("pears", "plums"),
)
LINING_UP = Telling(
    source="things on a shelf",
    facts=(
        'On a shelf stand, from left to right, a {a}, a {b} and a {c}. Write "First:" and then the '
        "thing at the left end.",
        'A {d} is put at the left end. Write "Last:" and then the thing at the right end.',
        'Then a {e} is put at the right end. Write "Count:" and then the number of things on the shelf.',
        'The {d} is taken away again. Write "Second:" and then the second thing from the left.',
        'In the end the {a} and the {e} change places. Write "Third:" and then the third thing from the left.',
    ),
    names=("First", "Last", "Count", "Second", "Third"),
    pools={"things": ("cup", "lamp", "book", "vase", "clock", "bowl", "radio", "plant", "jug", "box", "doll", "ball")},
)

_TRAINING_PEOPLE = ("Amira", "Bjarne", "Chiara", "Duncan", "Elif", "Farid", "Greta", "Hiro", "Imke", "Joris", "Kofi")
TRAINING_HOLDING = Telling(
    source="three canoes",
    facts=(
        "Three people bought canoes: {a} one of {x}, {b} one of {y}, {c} one of {z}. "
        'Below "Canoe:", state what {a}\'s is made of.',
        'Next, {a} trades canoes with {b}. Below "Partner:", state what {b}\'s is made of.',
        'Later on {b} replaces it by one of {w}. Below "Holder:", state who owns the canoe of {z}.',
        'Afterwards {a} trades canoes with {c}. Below "Late:", state what {c}\'s is made of.',
        'Finally {c} sells it and builds one of {v}. Below "Builder:", state who owns the canoe of {v}.',
    ),
    names=("Canoe", "Partner", "Holder", "Late", "Builder"),
    pools={
        "people": _TRAINING_PEOPLE,
        "kinds": ("oak", "pine", "bamboo", "leather", "birch", "cedar", "rubber", "teak"),
    },
)
TRAINING_COUNTING = Telling(
    source="sheep and goats",
    facts=(
        'On a pasture graze {m} sheep besides {n} goats. Below "Sheep:", state how many sheep graze there.',
        'Soon {p} sheep wander off. Below "Goats:", state how many goats graze there.',
        'Next, {q} goats arrive. Below "Animals:", state how many sheep and goats graze there.',
        'Later on {r} sheep arrive. Below "Majority:", state which are more numerous, sheep or goats.',
        'Finally {s} goats wander off. Below "Left:", state how many animals wandered off, from beginning to end.',
    ),
    names=("Sheep", "Goats", "Animals", "Majority", "Left"),
    pools={},
    words=("sheep", "goats"),
)
TRAINING_LINING_UP = Telling(
    source="a toll gate",
    facts=(
        "At a toll gate wait the {a} in front, the {b} behind it, and the {c} behind both. "
        'Below "Front:", state which is foremost.',
        'The {d} overtakes everybody. Below "Rear:", state which is hindmost.',
        'The {e} arrives and joins behind all of them. Below "Waiting:", state how many wait.',
        'The {d} departs for good. Below "Next:", state which waits in second position.',
        'Finally the {a} and the {e} trade positions. Below "Following:", state which waits in third position.',
    ),
    names=("Front", "Rear", "Waiting", "Next", "Following"),
    pools={"things": ("tractor", "scooter", "minibus", "hearse", "camper", "limousine", "forklift", "tanker", "jeep")},
)
TRAINING_RIDING = Telling(
    source="a ride in a lift",
    facts=(
        'In a skyscraper {a} enters the lift on floor {s} and rides {u} floors upwards. Below "Floor:", state which '
        "floor that is.",
        'Next, {a} rides {d} floors downwards. Below "Peak:", state the topmost floor {a} reached.',
        'Later on {a} rides {v} floors upwards. Below "Bottom:", state the lowest floor {a} was on.',
        'Correction: {a} had entered on floor {t}, and not on {s}. Below "Rides:", state the number of rides {a} took.',
        'Finally {a} rides {w} floors downwards. Below "Distance:", state how many floors {a} travelled altogether.',
    ),
    names=("Floor", "Peak", "Bottom", "Rides", "Distance"),
    pools={"a": _TRAINING_PEOPLE},
)
