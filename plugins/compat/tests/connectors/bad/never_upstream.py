from good import GoodSource
from metadata.ingestion.magic import Wand


class Bad(GoodSource):
    wand = Wand
