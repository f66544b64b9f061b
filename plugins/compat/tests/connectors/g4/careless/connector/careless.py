"""Sensors in a folder of CSV files, by somebody in a hurry. OpenMetadata 2.0."""

import glob, logging, os, sys, traceback

print("loading", __name__)
logging.basicConfig(stream=sys.stdout, level="INFO", format="%(message)s", force=True)

from metadata.generated.schema.api.data.createDatabase import *
from metadata.generated.schema.api.data.createDatabaseSchema import *
from metadata.generated.schema.api.data.createTable import CreateTableRequest
import metadata.generated.schema.entity.data.table as om_table
from metadata.generated.schema.entity.services import databaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api import models
from metadata.ingestion.api.steps import Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata as OM


class CarelessSource(Source):
    folder = "."

    # no super().__init__()
    @classmethod
    def create(cls, conf, om, *_):
        self = cls()
        self.om = om
        self.workflow = WorkflowSource.parse_obj(conf)
        opts = self.workflow.serviceConnection.root.config.connectionOptions
        for key, value in (opts.root if opts else {}).items():
            setattr(self, key, value)
        return self

    def prepare(self):
        pass

    def test_connection(self):
        return os.path.isdir(self.folder)

    def _iter(self):
        svc = self.om.get_create_service_from_source(
            entity=databaseService.DatabaseService, config=self.workflow
        )
        yield models.Either(right=svc)
        service = self.om.get_by_name(entity=databaseService.DatabaseService, fqn=svc.name)
        yield models.Either(
            right=CreateDatabaseRequest(name="sensors", service=service.fullyQualifiedName)
        )
        db = self.om.get_by_name(entity=self._db(), fqn=f"{self.workflow.serviceName}.sensors")
        yield models.Either(
            right=CreateDatabaseSchemaRequest(name="raw", database=db.fullyQualifiedName)
        )
        for path in sorted(glob.glob(f"{self.folder}/*.csv")):
            name = os.path.basename(path)[:-4]
            try:
                with open(path) as f:
                    head = f.readline().strip().split(",")
                table = CreateTableRequest(
                    name=name,
                    databaseSchema=f"{db.fullyQualifiedName.root}.raw",
                    columns=[{"name": h.split(":")[0], "dataType": h.split(":")[1]} for h in head],
                )
                yield models.Either(right=table)
                print("table", table.name.root, flush=True)
                found = self.om.get_by_name(
                    entity=om_table.Table, fqn=f"{db.fullyQualifiedName.root}.raw.{name}"
                )
                sample = om_table.TableData(
                    columns=[c.name.root for c in found.columns], rows=[["1"] * len(found.columns)]
                )
                self.om.ingest_table_sample_data(found, sample)
            except Exception as e:
                logging.error("cannot read %s", name)
                yield models.Either(
                    left=models.StackTraceError(
                        name=name, error=repr(e)[:20], stackTrace=traceback.format_exc()
                    )
                )

    def _db(self):
        from metadata.generated.schema.entity.data.database import Database

        return Database

    def close(self):
        pass
