"""Words, what texts have in common, and archives of pages; nothing here knows methods or models."""
