"""An adversary: a server that lies, each time in one way that has a name."""
