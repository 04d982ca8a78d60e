"""MLflow: tracking, registration, scorecards, the promotion gate, lineage."""
