"""A shared level that is a regular package, with code in it."""

raise RuntimeError("Nobody who runs another connector needs this module.")
