"""JSON Patch (RFC 6902) on the document of an entity, and its way back to the row."""
