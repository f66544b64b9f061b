"""Written for om-ingest: nothing of another framework is needed."""

from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateTableRequest,
    Source,
    SourceStatus,
)
from om_ingest.model import CreateDatabaseServiceRequest


class Stamps(Source):
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx):
        source = cls(ctx)
        source.ctx = ctx
        source.countries = config_dict["countries"]
        source.status = SourceStatus()
        return source

    def prepare(self):
        self.ctx.metadata.get_service_or_create(
            CreateDatabaseServiceRequest(name=self.ctx.service_name, serviceType="CustomDatabase")
        )

    def next_record(self):
        album = f"{self.ctx.service_name}.album"
        yield CreateDatabaseRequest(name="album", service=self.ctx.service_name)
        yield CreateDatabaseSchemaRequest(name="stamps", database=album)
        for country in self.countries:
            yield CreateTableRequest(
                name=country,
                databaseSchema=f"{album}.stamps",
                columns=[{"name": "year", "dataType": "YEAR"}],
            )

    def get_status(self):
        return self.status

    def close(self):
        pass
