"""What all connectors of the toyshop do alike."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any, ClassVar

from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.tagLabel import LabelType, State, TagLabel, TagSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class ToyshopSource(Source):
    """Yields what `records` yields; an exception there is one error of the run."""

    service_type: ClassVar[Any]
    connection_type: ClassVar[type]

    def __init__(self, config: WorkflowSource, metadata: OpenMetadata) -> None:
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection = config.serviceConnection.root.config
        options = self.service_connection.connectionOptions
        self.options: dict[str, str] = options.root if options else {}
        self.service: str = config.serviceName

    @classmethod
    def create(
        cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: str | None = None
    ) -> ToyshopSource:
        config = WorkflowSource.model_validate(config_dict)
        connection = config.serviceConnection.root.config
        if not isinstance(connection, cls.connection_type):
            raise InvalidSourceException(
                f"Expected {cls.connection_type.__name__}, but got {connection}"
            )
        return cls(config, metadata)

    def prepare(self) -> None:
        logger.debug("Nothing to prepare for %s", self.service)

    def test_connection(self) -> None:
        logger.debug("Nothing to connect to for %s", self.service)

    def close(self) -> None:
        logger.debug("Nothing to close for %s", self.service)

    def _iter(self) -> Iterable[Either]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=self.service_type, config=self.config
            )
        )
        try:
            for record in self.records():
                yield Either(right=record)
        except Exception as exc:
            yield Either(
                left=StackTraceError(
                    name=self.service, error=str(exc), stackTrace=traceback.format_exc()
                )
            )

    def records(self) -> Iterable[Any]:
        raise NotImplementedError


def label(tag_fqn: str) -> TagLabel:
    return TagLabel(
        tagFQN=tag_fqn,
        source=TagSource.Classification,
        labelType=LabelType.Automated,
        state=State.Confirmed,
    )
