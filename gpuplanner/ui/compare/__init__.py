"""The page "Compare": several scenarios side by side."""
