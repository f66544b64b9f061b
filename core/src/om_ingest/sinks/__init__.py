"""The sinks that come with the host; each is an entry point like anybody else's."""
