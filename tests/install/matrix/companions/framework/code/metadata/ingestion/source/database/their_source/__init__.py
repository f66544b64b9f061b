"""A connector of the framework's own."""
