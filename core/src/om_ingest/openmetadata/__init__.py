"""The client of an OpenMetadata server: `store.OpenMetadata`, and what it is made of.

Nothing is imported here: a run into another target pays for no HTTP client.
"""
