"""For every test of the repository: fixtures that several distributions need."""

from hypothesis import settings

pytest_plugins = [
    "tests.command",
    "tests.every_kind",
    "tests.databases.mariadb",
    "tests.databases.postgres",
]

settings.register_profile("few", settings.get_profile("ci"), max_examples=30)
