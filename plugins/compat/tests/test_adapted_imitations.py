"""What a connector uses that is only imitated: a limit before the run, a warning during it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from om_ingest.errors import PluginError

if TYPE_CHECKING:
    from written_connectors import Connectors

CODE = """
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.entity.data.nothing import Nothing
from metadata.ingestion.api.steps import Source

class Connector(Source):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls()
    def _iter(self):
        yield CreateDatabaseRequest(name="d", service="shop")
"""

AT_IMPORT = "metadata.generated.schema.entity.data.nothing.Nothing is only imitated"
LATER = """
        import importlib
        importlib.import_module("metadata.generated.schema.entity.data." + "nothing").Later
"""


def test_limits(connectors: Connectors) -> None:
    """`check` tells what the import of a connector used, and each run warns of it once."""
    assert AT_IMPORT in connectors.run(CODE, check=True).report.source_limits[0]
    for _ in range(2):
        ran = connectors.run()
        assert ran.code == 0
        (warning,) = ran.warnings
        assert f"connector.py:3: {AT_IMPORT}" in warning


def test_other_connector(connectors: Connectors) -> None:
    """What one connector used is not told of the next one in the same process."""
    connectors.run(CODE)
    connectors.write(
        "next_one.py", CODE.replace("from metadata.generated.schema.entity.data.n", "# ")
    )
    source = {"type": "next_one:Connector", "serviceName": "shop"}
    assert connectors.run(source=source).warnings == []


def test_strict(connectors: Connectors) -> None:
    """With `--strict` an imitation is refused before the run."""
    with pytest.raises(PluginError, match=AT_IMPORT):
        connectors.run(CODE, strict=True)


@pytest.mark.parametrize("strict", [False, True])
def test_later(connectors: Connectors, strict: bool) -> None:
    """What is used only while the connector runs is a warning, and a failure of a strict run."""
    code = CODE.replace("from metadata.generated.schema.entity.data.n", "# ")
    ran = connectors.run(code + LATER, strict=strict)
    told, silent = (ran.failures, ran.warnings) if strict else (ran.warnings, ran.failures)
    assert "nothing.Later is only imitated" in told[0]
    assert silent == []
    assert ran.code == int(strict)
