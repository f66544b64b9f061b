"""Edges as records: what a statement makes of what becomes requests, each pair of tables once."""
