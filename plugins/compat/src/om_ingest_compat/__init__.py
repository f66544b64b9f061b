"""Runs connectors that were written for openmetadata-ingestion."""
