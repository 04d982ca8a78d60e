"""IFEval: 541 prompts with one to three instructions of 25 kinds that code can verify.

The checkers are our own, after the published definitions; docs/systems/ifeval.md says where they read a response
differently.

Source: IFEval, arXiv:2311.07911; the authors' instruction_following_eval/instructions.py.
"""
