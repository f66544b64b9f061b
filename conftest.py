"""For every test of the repository: fixtures that several distributions need."""

pytest_plugins = ["tests.command", "tests.every_kind"]
