"""Doctor: what a run will need and do, checked before anything is spent; `quintain doctor` shows it.

`CHECKS` in quintain.doctor.checks is one list: those that are free can run before the first node of any run, the others
open models, ask endpoints and take three steps of each training.
"""
