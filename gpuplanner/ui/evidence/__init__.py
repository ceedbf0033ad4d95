"""How good the estimate is."""
