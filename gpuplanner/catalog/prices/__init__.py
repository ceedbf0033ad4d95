"""The user's own price list: read from a spreadsheet, checked row by row, laid over the catalogue."""
