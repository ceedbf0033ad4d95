"""What becomes of a plan as the load grows: curve, limits, and the simulation of many requests."""
