from good import GoodSource
from metadata.generated.schema.entity.data.table import Column, DataType


class Bad(GoodSource):
    def _iter(self):
        yield from self.begin()
        yield Column(name="id", dataType=DataType.INTT)
