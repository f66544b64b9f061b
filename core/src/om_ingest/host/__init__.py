"""The host: imports what was asked for, and puts a run together."""
