"""`python -m quintain` is the console script."""

from quintain.cli import main

main()
