"""Entities out of a server, whatever of them it knows that we do not."""
