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

    begin = GoodSource.begin
    __init__ = GoodSource.__init__
    _iter = GoodSource._iter

    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        from good import WorkflowSource

        return cls(WorkflowSource.model_validate(config_dict), metadata)
