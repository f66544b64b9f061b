"""What `om-ingest check` tells of a connector that uses more of the framework than there is."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
import yaml
from om_ingest.errors import PluginError

from tests.command import Cli

if TYPE_CHECKING:
    from written_connectors import Connectors

MODULES = {
    "source": """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        from metadata.ingestion.api.steps import Source
        from metadata.utils.ssl_manager import SSLManager
        try:
            from metadata.profiler.api.models import ProfilerResponse
        except ImportError:
            ProfilerResponse = None
        if TYPE_CHECKING:
            from metadata.no_such.thing import Thing

        class ShopSource(Source):
            @classmethod
            def create(cls, config_dict, metadata, pipeline_name=None): return cls()
            def prepare(self): pass
            def _iter(self):
                from metadata.generated.schema.entity.data.spaceship import Spaceship
                from connector.lineage import edges
                self.metadata.get_sample_data(table=None)
                yield from edges()
            def test_connection(self): pass
            def close(self): pass
    """,
    "lineage": """
        import json, metadata.utils.fqnn
        from metadata.ingestion.source.database.glue.models import Column
        from metadata.utils import fqn, filterz
        from .source import ShopSource
    """,
    "broken": "def metadata(:",
    "unused": "from metadata.utils.ssl_manager import Neighbour",
}

SAID = """\
connector/source.py:5: metadata.utils.ssl_manager.SSLManager is only imitated: it can be imported,
    but not used
connector/source.py:18: metadata.generated.schema.entity.data.spaceship.Spaceship is only imitated:
    a model that takes any field
connector/source.py:20: metadata.ingestion.ometa.ometa_api.OpenMetadata.get_sample_data is only
    imitated: calling it raises an error
connector/lineage.py:2: metadata.utils.fqnn is absent: om-ingest-compat has no such module; did you
    mean metadata.utils.fqn?
connector/lineage.py:3: metadata.ingestion.source.database.glue.models.Column is absent:
    om-ingest-compat has none of the framework's own connectors
connector/lineage.py:4: metadata.utils.filterz is absent: om-ingest-compat has no such module; did
    you mean metadata.utils.filters?
"""

FLOW = """
source:
  type: customDatabase
  serviceName: shop
  serviceConnection:
    config: {type: CustomDatabase, sourcePythonClass: connector.source.ShopSource}
  sourceConfig: {config: {type: DatabaseMetadata}}
"""


def test_what_is_only_imitated(connectors: Connectors) -> None:
    """Each name that is only imitated or absent is listed once, with file and line, also those in
    functions and in modules that only these import; `--strict` refuses the connector for them.

    Not what only type checkers see, nor what the connector does without, nor what the files have
    that it never imports.
    """
    for name, code in MODULES.items():
        connectors.write(f"connector/{name}.py", code)
    source = yaml.safe_load(FLOW)["source"]
    told = connectors.run(source=source, check=True).report.source_limits
    assert list(told) == SAID.replace("\n    ", " ").splitlines()
    with pytest.raises(PluginError, match=r"  connector/source\.py:5: metadata\.utils\.ssl_man"):
        connectors.run(source=source, strict=True)


def test_names_in_annotations(connectors: Connectors) -> None:
    """A connector on the base class of databases imports models that its methods are annotated
    with: a strict run takes them.
    """
    code = """
        from typing import Iterable
        from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
        from metadata.ingestion.source.database.database_service import DatabaseServiceSource
        from metadata.ingestion.source.database.stored_procedures_mixin import QueryByProcedure
        from metadata.ingestion.source.models import TableView

        def history(rows) -> Iterable[QueryByProcedure]:
            return map(QueryByProcedure.parse_obj, rows)

        ROW = {"PROCEDURE_TEXT": "call p()", "QUERY_TYPE": "CALL", "QUERY_TEXT": "select 1"}
        DAY = {"PROCEDURE_START_TIME": "2026-01-02", "PROCEDURE_END_TIME": "2026-01-02"}
        assert [query.query_text for query in history([ROW | DAY])] == ["select 1"]

        class Connector(DatabaseServiceSource):
            @classmethod
            def create(cls, config_dict, metadata, pipeline_name=None):
                raise RuntimeError("made")
            def get_database_names(self): yield "d"
            def yield_database(self, name): yield
            def get_database_schema_names(self): yield "s"
            def yield_database_schema(self, name): yield
            def yield_tag(self, name): yield
            def get_tables_name_and_type(self): yield
            def yield_table(self, table): yield
            def yield_view_lineage(self) -> Iterable[TableView]: yield
            def get_stored_procedures(self): yield
            def yield_stored_procedure(self, procedure): yield
            def close(self): pass
    """
    assert "RuntimeError: made" in connectors.run(code, strict=True).errors


@pytest.mark.full
def test_base_class_that_is_too_much(cli: Cli) -> None:
    """A connector that derives from a class that is only imitated is told its name, with the line
    of the connector and what can be done.
    """
    code = """
        from metadata.ingestion.source.database.common_db_source import CommonDbSourceService
        class ShopSource(CommonDbSourceService): pass
    """
    (cli.site / "connector.py").write_text(dedent(code), "utf-8")
    file = cli.write("flow.yaml", FLOW.replace("connector.source", "connector"))
    cli("check", file).refused(
        3,
        "cannot be used: metadata.ingestion.source.database.common_db_source"
        ".CommonDbSourceService is subclassed, and om-ingest-compat does not have it,"
        " at connector.py:3 in <module>\n  Install openmetadata-ingestion beside om-ingest, or"
        " derive from DatabaseServiceSource",
    )
