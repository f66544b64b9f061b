"""Records into a server: in batches or singly, each with a result of its own."""
