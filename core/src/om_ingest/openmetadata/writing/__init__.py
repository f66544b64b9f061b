"""Writes records to a server, in bulk or one by one, with a result for each."""
