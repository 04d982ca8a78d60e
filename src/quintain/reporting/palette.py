"""Colours and markers of several models in one figure, which colour-blind readers tell apart."""

# Okabe and Ito's palette without its yellow, which fades on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
# The same places on a dark page: the lighter ones of the palette, and paler sisters of the others.
DARK_COLOURS = ("#56B4E9", "#EE9B5C", "#3FC79A", "#E3A5C7", "#A9D8F5", "#F0C24B", "#FFFFFF")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def look(position: int) -> tuple[str, str]:
    """Colour and marker of the model at this position; they repeat after seven."""
    return COLOURS[position % len(COLOURS)], MARKERS[position % len(MARKERS)]
