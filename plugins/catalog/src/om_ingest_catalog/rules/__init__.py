"""What OpenMetadata asks of a request, and what an update leaves as it is (contract §3.0, §6)."""
