"""The hook plugin; loaded when a connector needs a module of the framework that nobody has."""
