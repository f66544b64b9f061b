"""Validation of requests, and merging of updates (contract §3.0, §6)."""
