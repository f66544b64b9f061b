"""For every test of the repository: fixtures that several distributions need."""

import gc

from hypothesis import settings

pytest_plugins = [
    "tests.command",
    "tests.every_kind",
    "tests.databases.mariadb",
    "tests.databases.postgres",
]

settings.register_profile("few", settings.get_profile("ci"), max_examples=30)


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what has been imported and collected: it stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
