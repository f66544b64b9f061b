"""The client of an OpenMetadata server: `store.OpenMetadata` and its parts.

Nothing is imported here, so that a run into another target does not import the HTTP client.
"""
