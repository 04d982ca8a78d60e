"""Students under an edit memory: what the registry, the command line and the evaluation of edits ask."""
