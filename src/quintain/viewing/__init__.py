"""The lifecycle as Kedro-Viz shows it: a box per student, the family tree of them all."""
