"""Data validation: Great Expectations suites, check, gate, report."""
