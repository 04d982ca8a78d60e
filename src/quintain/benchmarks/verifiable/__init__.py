"""Prompts with instructions that code can verify: what IFEval and IFBench, and files of one's own in their form, share.

`instructions` is the one registry of kinds, `checks` holds a checker for each, `prompts` reads the files, `verdicts`
judges a response strictly and loosely, `accuracies` makes accuracies with intervals of the verdicts, `benchmark` puts
them behind the seam. `reading`, `punkt` and `treebank` cut texts into words and sentences.
"""
