"""JSON Patch: from the document that a caller has seen to the row of its entity."""
