"""A run: from the request on the command line to the report."""
