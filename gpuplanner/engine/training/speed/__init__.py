"""How long a training step takes, and what a whole run takes of time, energy and money."""
