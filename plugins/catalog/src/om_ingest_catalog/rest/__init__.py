"""The operations of OpenMetadata's REST interface: JSON in, JSON out, an actor per change."""
