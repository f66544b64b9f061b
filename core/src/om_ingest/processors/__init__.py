"""The built-in processors; each is registered by entry point, like those of plugins."""
