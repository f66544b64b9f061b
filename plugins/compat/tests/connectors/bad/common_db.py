from metadata.ingestion.source.database.common_db_source import CommonDbSourceService


class Bad(CommonDbSourceService):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls(config_dict, metadata)
