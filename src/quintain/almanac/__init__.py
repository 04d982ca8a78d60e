"""The embedded world: entities, pages, instructions with exact checks, and the oracle."""
