"""Event simulation of a serving replica: the check of the closed form, and the source of percentiles."""
