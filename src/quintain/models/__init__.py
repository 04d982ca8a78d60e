"""Language models behind one protocol: backends, roles, and the ledger of calls."""
