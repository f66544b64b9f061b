"""The upstream modules and names that this plugin provides."""
