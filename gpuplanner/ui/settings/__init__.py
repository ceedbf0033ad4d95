"""The settings dialog: a page for each group, every change in force at once."""
