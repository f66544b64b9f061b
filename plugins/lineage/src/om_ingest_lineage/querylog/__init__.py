"""Query logs: files of statements, folded to queries with how often each ran; usage of tables."""
