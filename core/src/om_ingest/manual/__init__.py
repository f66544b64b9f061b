"""What tells people and editors how a source is configured: pages, examples, JSON Schema."""
