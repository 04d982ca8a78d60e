"""Small worlds in which every level adds a fact that changes what was right before, and asks for one field more."""
