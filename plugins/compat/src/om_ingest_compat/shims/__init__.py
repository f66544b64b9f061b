"""What stands in for `metadata.utils`."""
