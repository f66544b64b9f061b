from metadata.ingestion.api.steps import Sourcee


class Bad(Sourcee):
    pass
