"""IFBench: 300 prompts with one or two instructions of 58 kinds that are in no training set of IFEval's sort.

The checkers are our own, after the instructions of the released file and the published verdicts;
docs/systems/ifbench.md says what each reads and where the two differ.

Source: IFBench, arXiv:2507.02833; the authors' instructions.py.
"""
