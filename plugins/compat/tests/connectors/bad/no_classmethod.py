from good import GoodSource, WorkflowSource


class Bad(GoodSource):
    def create(config_dict, metadata):
        return GoodSource(WorkflowSource.model_validate(config_dict), metadata)
