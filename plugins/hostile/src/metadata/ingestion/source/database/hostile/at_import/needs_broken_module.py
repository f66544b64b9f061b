"""Needs a module whose stand-in raises."""

import hostile_framework.broken  # type: ignore[import-not-found]  # a plugin stands in for it

Unreachable = hostile_framework.broken.Source
