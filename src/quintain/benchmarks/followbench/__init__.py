"""FollowBench: whether a model follows instructions whose constraints grow one by one.

`benchmark` loads the authors' files, `rules` checks a response, `parity` repeats the authors' arithmetic, and
`followbench` is the benchmark that the evaluation runs.

Source: FollowBench, arXiv:2310.20410; rules and parsers after the authors' repository at commit 6278f4c.
"""
