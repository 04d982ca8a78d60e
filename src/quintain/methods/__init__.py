"""The five systems as pure functions: records in, records out."""
