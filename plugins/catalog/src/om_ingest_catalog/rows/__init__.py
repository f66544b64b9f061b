"""The rows of the file: their tables, their bodies, and how one is found."""
