"""A replay delivers parents before children, in whatever order they were set aside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

PICKY = """
class PickySink(Sink):
    @classmethod
    def create(cls, config_dict, ctx): return cls()
    @property
    def store(self): return None
    @property
    def target(self): return "picky"
    def write(self, records):
        self.kept = [*getattr(self, "kept", []), *records]
        return ()
    def flush(self):
        return [WriteResult(r, Outcome.FAILED, "no") for r in reversed(self.kept)]
"""


def test_children_that_failed_first(cli: Cli, connector: Connect, distributed: Distribute) -> None:
    """Tables stand before their schema in the file, and both arrive."""
    distributed("picky", PICKY, "[om_ingest.sink]\npicky = picky:PickySink\n")
    connector("shop")
    assert cli("run", "shop", "--sink", "picky").code == 1
    (letters,) = cli.dead_letters()
    kinds = [json.loads(line)["type"] for line in letters.read_text("utf-8").splitlines()[1:]]
    assert kinds[0] == "table"
    assert kinds[-1] == "databaseService"
    cli("replay", letters.name, "--sink", "catalog:out.db").succeeded()
    assert cli.tables("out.db") == ["t0", "t1"]
