"""IFEval: prompts with one to three instructions that code can verify, read from the released JSON lines.

`prompts` reads the file, the `checks_*` hold one checker for each of the 25 kinds of instruction, `verdicts` judges a
response strictly and loosely, `accuracies` makes accuracies with intervals of the verdicts, `ifeval` is the benchmark
that the evaluation runs.

The checkers are our own, after the published definitions; docs/systems/ifeval.md says where they read a response
differently.

Source: IFEval, arXiv:2311.07911; the authors' instruction_following_eval/instructions.py.
"""
