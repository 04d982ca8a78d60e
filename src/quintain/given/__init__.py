"""Given data: training data of the user's own as people have it, read into records and written back."""
