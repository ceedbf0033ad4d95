"""What would make the answer cheaper, faster or safer."""
