"""The page "Cost": owning over its life, against clouds and an API."""
