"""Needs a framework whose plugin cannot be imported."""

import hostile_broken_framework  # type: ignore[import-not-found]  # a plugin stands in for it

Unreachable = hostile_broken_framework.Source
