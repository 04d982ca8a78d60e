"""Training: the base student from scratch, supervised fine-tuning, checkpoints."""
