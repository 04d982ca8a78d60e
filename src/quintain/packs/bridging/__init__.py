"""Bridging: mend a given response in as few words as possible, rule by rule, and prove the result."""
