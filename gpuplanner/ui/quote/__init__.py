"""The dialog that makes, shows and keeps quotes."""
