"""Satisfaction of constraints: HSR, SSR and CSL of judgements, with intervals, comparisons and rankings."""
