from good import GoodSource, Source


class NoIter(Source):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls()

    def prepare(self):
        pass

    def close(self):
        pass


class NoCreate(Source):
    def _iter(self):
        yield from ()


class NoTestConnection(Source):
    """prepare, test_connection and close do nothing in most connectors: the host can do without"""

    def __init__(self, config, metadata):
        self.config = config
        self.metadata = metadata

    create = classmethod(GoodSource.create.__func__)
    begin = GoodSource.begin
    _iter = GoodSource._iter
