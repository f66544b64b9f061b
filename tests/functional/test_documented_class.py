"""A source in the shape of OpenMetadata's own page runs, whichever sink takes its records."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from om_ingest_catalog_server.testing import CatalogServer

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

# The shape is that of connectors for releases 0.12 to 1.1: the words are of this test.
MODULE = """
from om_ingest import (
    CreateDatabaseRequest, CreateDatabaseSchemaRequest, CreateDatabaseServiceRequest,
    CreateTableRequest, EntityReference, MetadataServerConfig, Source, SourceStatus, fqn,
)
from om_ingest.model import Column, Database, DatabaseSchema, DatabaseService, DataType, Table
from pydantic import BaseModel


class PaperConfig(BaseModel):
    first_table: str = "bids"


class PaperSource(Source):
    def __init__(self, config, metadata_config, ctx):
        super().__init__(ctx)
        self.config = config
        self.metadata_config = metadata_config
        self.status = SourceStatus()

    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx):
        config = PaperConfig.model_validate(config_dict)
        metadata_config = MetadataServerConfig.model_validate(metadata_config_dict)
        return cls(config, metadata_config, ctx)

    def prepare(self):
        pass

    def next_record(self):
        yield CreateDatabaseServiceRequest(
            name=self.ctx.service_name, serviceType="CustomDatabase"
        )
        service = self.metadata.get_by_name(entity=DatabaseService, fqn=self.ctx.service_name)
        yield CreateDatabaseRequest(
            name="auctions", service=EntityReference(id=service.id, type="databaseService")
        )
        database = self.metadata.get_by_name(
            entity=Database,
            fqn=fqn.build(
                self.metadata,
                entity_type=Database,
                service_name=self.context.database_service.name.__root__,
                database_name="auctions",
            ),
        )
        for name in ("spring", "autumn"):
            yield CreateDatabaseSchemaRequest(
                name=name, database=EntityReference(id=database.id.__root__, type="database")
            )
            for table in (self.config.first_table, "lots"):
                yield CreateTableRequest(
                    name=table,
                    databaseSchema=self.context.database_schema.fullyQualifiedName,
                    columns=[Column(name="id", dataType=DataType.INT)],
                )
                self.status.scanned(
                    ".".join((
                        self.context.database_service.name.root,
                        self.context.database.name.__root__,
                        self.context.database_schema.name.__root__,
                        self.context.table.name,
                    ))
                )
        self.ctx.logger.info("read %s", self.status.current_scope)

    def get_status(self):
        return self.status

    def close(self):
        pass
"""


@pytest.mark.parametrize(
    "sink", few(["jsonl:out", "serve", "catalog:out", "console", "dry run"], 2)
)
def test_the_documented_class_runs(cli: Cli, connector: Connect, sink: str) -> None:
    """Its base takes the context, and it has `metadata` and the entities yielded last."""
    connector("paper", module=MODULE)
    with CatalogServer(cli.cwd / "out") if sink == "serve" else nullcontext() as server:
        if server is not None:
            sink = f"openmetadata:{server.url}"
        option = ["--dry-run"] if sink == "dry run" else ["--sink", sink]
        run = cli("run", "paper", *option, "--report", "report.json").succeeded()
    assert "read paper.auctions.autumn.lots" in run.err
    report = cli.report()
    assert report["byEntityType"]["table"]["created"] == 4
    assert report["sourceStatus"]["scanned"] == 4
