"""Import a model of somebody else: fetch, convert, check, and report what it is and how its chat template behaves."""
