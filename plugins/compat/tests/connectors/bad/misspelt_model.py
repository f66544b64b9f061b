from good import Either, GoodSource
from metadata.generated.schema.api.data.createTable import CreateTableReqest


class Bad(GoodSource):
    def _iter(self):
        yield from self.begin()
        yield Either(right=CreateTableReqest(name="t", databaseSchema="bad.first.s", columns=[]))
