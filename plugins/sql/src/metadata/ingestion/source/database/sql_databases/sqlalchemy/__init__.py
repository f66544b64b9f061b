"""Any database with a dialect of SQLAlchemy: the source, its config, and its dialect."""
