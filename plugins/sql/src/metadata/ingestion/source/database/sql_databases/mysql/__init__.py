"""MySQL and MariaDB: the source, its config, and its dialect."""
