"""Words that a question needs but that ask for nothing by themselves."""

# English; questions in another language lose a little recall, and nothing else, for want of their own.
ASKING_WORDS = frozenset(
    "a an the of is are was were be been being do does did has have had in on at to for from by with as and or "
    "which what who whom whose when where why how that this it its his her their s there name named names kind type "
    "much many part belong belongs known called associated located person used".split()
)
