"""Open-ended sets: two models' responses compared by a judge in both orders, with length as a covariate."""
