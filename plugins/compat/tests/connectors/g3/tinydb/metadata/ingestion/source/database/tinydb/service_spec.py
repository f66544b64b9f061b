from metadata.ingestion.source.database.tinydb.metadata import TinydbSource
from metadata.utils.service_spec import BaseSpec

ServiceSpec = BaseSpec(metadata_source_class=TinydbSource)
