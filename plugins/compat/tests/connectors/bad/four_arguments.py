from good import GoodSource


class Bad(GoodSource):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name, secrets):
        return cls(config_dict, metadata)
