from good import GoodSource


class Bad(GoodSource):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        cls(config_dict, metadata)
