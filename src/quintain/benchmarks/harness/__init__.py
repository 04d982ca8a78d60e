"""Tasks of lm-evaluation-harness as benchmarks, for any student; the one room that imports it (extra `benchmarks`)."""
