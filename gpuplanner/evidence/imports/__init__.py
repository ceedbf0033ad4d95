"""Benchmarks that users ran themselves: files of the usual tools, read into measurement rows."""
