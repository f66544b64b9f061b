"""The host: finds what is installed, loads it, and calls its hooks."""
