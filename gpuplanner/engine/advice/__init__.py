"""What would make it cheaper, faster or safer, each by a second estimate."""
