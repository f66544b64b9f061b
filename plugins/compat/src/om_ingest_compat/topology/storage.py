"""`metadata.ingestion.source.storage.storage_service`: service → container → container."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from om_ingest.errors import PluginFaultError
from om_ingest.model import Container, StorageService

from om_ingest_compat.imitations import IMITATIONS
from om_ingest_compat.topology.assets import AssetSource, service_node, tag_stage
from om_ingest_compat.topology.nodes import NodeStage, ServiceTopology, TopologyNode
from om_ingest_compat.topology.registered import OwnState

KEY_SEPARATOR = "/"
OPENMETADATA_TEMPLATE_FILE_NAME = "openmetadata.json"

_MODULE = "metadata.ingestion.source.storage.storage_service"


class StorageServiceTopology(ServiceTopology):
    """What is called for a storage service."""

    root = service_node(StorageService, "objectstore", "container", ["mark_containers_as_deleted"])
    container = TopologyNode(
        producer="get_containers",
        stages=[
            tag_stage("yield_tag_details", keeps_all=True),
            NodeStage(
                type_=Container,
                processor="yield_create_container_requests",
                context="container",
                consumer=["objectstore_service"],
                nullable=True,
            ),
        ],
    )


class StorageServiceSource(AssetSource, ABC):
    """Base of a source that reads containers, which may lie in each other."""

    ASSET = Container
    FAMILY = "objectstore"
    FLAG = "markDeletedContainers"
    STATES = {"container": "container_source_state"}  # as the base has it
    topology: Any = StorageServiceTopology()
    container_source_state: Any = OwnState()
    global_manifest: Any = None

    def __init__(self, config: Any, metadata: Any, *_: Any, **__: Any) -> None:
        super().__init__(config, metadata)
        self.global_manifest = self.get_manifest_file()

    def get_manifest_file(self) -> Any:
        """The manifest of all buckets; None: om-ingest-compat does not read it from a store."""
        place = self._setting("storageMetadataConfigSource")
        if place and any(value for value in dict(place).values()):
            name = "StorageServiceSource.get_manifest_file"
            IMITATIONS.note(_MODULE, name, "it reads no manifest: the connector has to")
        return None

    @staticmethod
    def _manifest_entries_to_metadata_entries_by_container(
        container_name: str, manifest: Any
    ) -> list[Any]:
        """The entries of a manifest for one bucket."""
        return [entry for entry in manifest.entries if entry.containerName == container_name]

    @staticmethod
    def _get_sample_file_prefix(metadata_entry: Any) -> str | None:
        """Where the files of an entry lie; None if they have no structure."""
        if not metadata_entry.structureFormat:
            return None
        return f"{metadata_entry.dataPath.strip(KEY_SEPARATOR)}{KEY_SEPARATOR}"

    @staticmethod
    def extract_column_definitions(*args: Any, **kwargs: Any) -> Any:
        """The columns of a file in a bucket; raises `PluginFaultError`: it is not read here."""
        raise PluginFaultError(
            f"{_MODULE}.StorageServiceSource.extract_column_definitions is called, and"
            " om-ingest-compat reads no files of buckets",
            "Install openmetadata-ingestion beside om-ingest, or read them in the connector.",
        )

    def _get_columns(
        self, container_name: str, sample_key: str, metadata_entry: Any, *others: Any
    ) -> list[Any]:
        """The columns of partitions, and those of a file."""
        found = self.extract_column_definitions(
            container_name, sample_key, *others, metadata_entry=metadata_entry
        )
        return [*(metadata_entry.partitionColumns or ()), *(found or ())]

    @abstractmethod
    def get_containers(self) -> Iterable[Any]:
        """The containers, in a form of the connector's own."""

    @abstractmethod
    def yield_create_container_requests(self, container_details: Any) -> Iterable[Any]:
        """Yield the requests for a container, and for those in it."""

    def yield_container_tags(self, container_details: Any) -> Iterable[Any] | None:
        """Yield the tags of a container."""

    def yield_tag_details(self, container_details: Any) -> Iterable[Any] | None:
        """Yield the tags of a container, if tags are included."""
        if self._setting("includeTags", False):
            return self.yield_container_tags(container_details)
        return None

    def yield_create_request_objectstore_service(self, config: Any) -> Iterable[Any]:
        """Yield the request for the service."""
        return self._service(StorageService, config)

    def register_record(self, container_request: Any) -> None:
        """Register a container as found."""
        self._registered(container_request)

    def mark_containers_as_deleted(self) -> Iterable[Any]:
        """Call the containers of the service complete."""
        return self._all_listed()
