"""FollowBench: whether a model follows instructions whose constraints grow one by one.

`benchmark` loads the authors' files, `rules` checks a response, `replies` reads a judge, `scoring` makes HSR, SSR and
CSL of the verdicts, `statistics` says how sure they are, `scorecard` puts it all on one page.

Source: FollowBench, arXiv:2310.20410; rules and parsers after the authors' repository at commit 6278f4c.
"""
