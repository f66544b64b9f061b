"""Connectors for the systems of a toyshop, written for OpenMetadata 2.0."""
