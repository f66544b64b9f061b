"""Modules that misbehave while they are imported, before anybody has called them."""
