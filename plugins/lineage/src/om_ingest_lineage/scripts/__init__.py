"""Procedures and other texts of several statements: what they make of what, as a whole."""
