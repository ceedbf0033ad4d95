"""Looking beyond the one answer: the front of best trade-offs, sweeps, smallest changes, the old rule."""
