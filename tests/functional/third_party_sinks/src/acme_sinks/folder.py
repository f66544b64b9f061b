"""A store sink: a folder with one JSON file per entity; only entities are kept."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from om_ingest import Entity, MetadataStore, Outcome, Record, SinkContext, WriteResult, fqn
from om_ingest.config import validated
from om_ingest.kinds import Identity, Parcel, decode, fqn_of, kind_of, place_of
from om_ingest.model import CreateRequest
from om_ingest.sinks import FileConfig, StoreSink
from om_ingest.store import EntityT


class FolderStore(MetadataStore):
    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        return [WriteResult(record, *self._write(Parcel.of(record))) for record in records]

    def _write(self, parcel: Parcel) -> tuple[Outcome, str, Identity | None]:
        if parcel.identity is None or not isinstance(parcel.record, CreateRequest):
            return Outcome.FAILED, "only entities are kept here", None
        if parcel.parent and not self._path(parcel.parent).exists():
            return Outcome.FAILED, "there is no {} {}".format(*parcel.parent), parcel.parent
        path = self._path(parcel.identity)
        before = path.read_bytes() if path.exists() else None
        path.write_bytes(parcel.encoded)
        changed = Outcome.CREATED if before is None else Outcome.UPDATED
        return Outcome.UNCHANGED if before == parcel.encoded else changed, "", None

    def _path(self, identity: Identity) -> Path:
        return self.folder / f"{identity[0]}-{sha256(identity[1].encode()).hexdigest()}.json"

    def get_by_name(self, entity: type[EntityT], fqn: str, **options: Any) -> EntityT | None:
        path = self._path((entity.entity_type, fqn))
        return _read(path, entity) if path.exists() else None

    def list_entities(self, entity: type[EntityT], **options: Any) -> Iterator[EntityT]:
        above = f"{options['scope']}." if options.get("scope") else ""
        read = (_read(path, entity) for path in self.folder.glob(f"{entity.entity_type}-*"))
        found = (e for e in read if e.fullyQualifiedName.startswith(above))
        return iter(sorted(found, key=lambda e: e.fullyQualifiedName))

    def delete(self, entity: type[Entity], fqn: str, **options: Any) -> bool:
        found = self.get_by_name(entity, fqn)
        self._path((entity.entity_type, fqn)).unlink(missing_ok=True)
        return found is not None


def _read(path: Path, entity: type[EntityT]) -> EntityT:
    request: Any = decode(path.read_bytes())
    name, above, top = fqn_of(request), Parcel.of(request).parent, kind_of(entity).root
    body = {"id": path.stem[-32:], "fullyQualifiedName": name, **request.model_dump()}
    if above:  # what lies deeper names its service, too
        body["service"] = {"type": top.entity_type, "fullyQualifiedName": fqn.split(name)[0]}
        body[str(place_of(request)[0])] = {"type": above[0], "fullyQualifiedName": above[1]}
    return entity.model_validate(body)


class FolderSink(StoreSink):
    shorthand, config_class, worker_count, keeps_journal = "path", FileConfig, 2, True
    path: Path

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> "FolderSink":
        sink = cls(ctx)
        sink.path = validated(FileConfig, config_dict, ("sink", "config")).path
        return sink

    def open_store(self) -> MetadataStore:
        return FolderStore(self.path)

    @property
    def target(self) -> str:
        return f"folder {self.path}"
