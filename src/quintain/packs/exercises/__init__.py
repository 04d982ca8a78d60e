"""Exercises: training items, drawn or read back from their text, with what it takes to answer, vary and mend them."""
