"""Statistics: intervals, paired tests, power, and corrections for several tests."""
