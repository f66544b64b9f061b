"""The client that connectors know, on the store of the run."""
