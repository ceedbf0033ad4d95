"""Quotes as Excel workbooks."""
