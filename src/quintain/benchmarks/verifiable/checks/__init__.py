"""Checkers, one for each kind of instruction; importing a module makes its kinds known."""
