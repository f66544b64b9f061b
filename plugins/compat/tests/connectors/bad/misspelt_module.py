from good import GoodSource
from metadata.utils import fqnn


class Bad(GoodSource):
    build = fqnn.build
