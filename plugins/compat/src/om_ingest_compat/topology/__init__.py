"""The base classes that call a connector's methods by service, scope and entity."""
