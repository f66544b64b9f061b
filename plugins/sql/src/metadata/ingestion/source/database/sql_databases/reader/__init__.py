"""Merges the streams of a session into records, whatever the dialect."""
