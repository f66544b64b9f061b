"""Reads entities from a server, also from newer ones with fields unknown here."""
