"""Describes how a source is configured: pages, example files and JSON Schema."""
