"""Rendering of rows: documents, requested fields, pages of lists."""
