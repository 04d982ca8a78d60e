"""Benchmarks: what a model is measured on, one package each behind one seam."""
