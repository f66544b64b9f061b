"""The processor `add-tags`: adds tags to entities."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from om_ingest.config.settings import FilterPattern, Settings
from om_ingest.config.validation import validated
from om_ingest.delivery import SinkContext
from om_ingest.kinds import KINDS, fqn_of
from om_ingest.model.entity import CreateRequest, TagLabel, TagSource
from om_ingest.model.records import Record
from om_ingest.sink import Processor


class AddTagsConfig(Settings):
    """Config of `add-tags`."""

    tags: list[str] = Field(min_length=1)
    """FQNs of the tags, e.g. `PII.Sensitive`; they must exist in the target."""

    source: TagSource = TagSource.Classification
    """Where the tags are defined: `Classification`, or `Glossary` for its terms."""

    entityTypes: list[str] = ["table"]
    """Entity types that get the tags."""

    fqnFilterPattern: FilterPattern = FilterPattern()
    """Only entities with an FQN that the pattern keeps; default: all."""

    @field_validator("entityTypes")
    @classmethod
    def _taggable(cls, names: list[str]) -> list[str]:
        known = [name for name, kind in KINDS.items() if "tags" in kind.request.model_fields]
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise ValueError(f"cannot be tagged: {', '.join(unknown)}; can be: {', '.join(known)}")
        return names


class AddTags(Processor):
    """Adds tags to entities; tags that an entity has already are kept."""

    config_class = AddTagsConfig

    def __init__(self, config: AddTagsConfig) -> None:
        self.config = config

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> AddTags:
        """Check the config; raises `WorkflowError`."""
        return cls(validated(AddTagsConfig, config_dict))

    def process(self, record: Record) -> Record:
        """The record, or a copy with the tags that it lacked."""
        config = self.config
        if not isinstance(record, CreateRequest) or record.entity_type not in config.entityTypes:
            return record
        if not config.fqnFilterPattern.keeps(fqn_of(record)):
            return record
        present: list[TagLabel] = getattr(record, "tags", None) or []
        names = {tag.tagFQN for tag in present}
        added = [
            TagLabel(tagFQN=name, source=config.source)
            for name in dict.fromkeys(config.tags)
            if name not in names
        ]
        return record.with_valid(tags=[*present, *added]) if added else record
