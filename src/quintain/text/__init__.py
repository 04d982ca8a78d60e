"""Words, and what texts have in common; nothing here knows pages, methods or models."""
