"""The catalog as a REST interface shows it: JSON in, JSON out, an actor for each change."""
