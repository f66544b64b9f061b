"""Tags: `metadata.utils.tag_utils`."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Iterable, Iterator
from typing import Any

from om_ingest import model

from om_ingest_compat.shims import fqn
from om_ingest_compat.shims.entities import spelled, text_of
from om_ingest_compat.shims.logger import ingestion_logger


def get_ometa_tag_and_classification(
    tags: Iterable[Any],
    classification_name: Any,
    tag_description: Any = None,
    classification_description: Any = None,
    include_tags: bool = True,
    tag_fqn: Any = None,
    metadata: Any = None,
    system_tags: bool = False,
    classification_desciption: Any = None,
) -> Iterator[Any]:
    """Each tag with its classification, to be yielded by a connector; none without `include_tags`.

    A tag that is not valid is an `Either` with an error on its left. The last parameter is the
    description of the classification as releases up to 1.1 spell it.
    """
    if not include_tags:
        return
    classification_description = classification_description or classification_desciption
    either, error, pair = _framework()
    for tag in tags:
        try:
            record = pair(
                fqn=tag_fqn,
                classification_request=spelled(model.CreateClassificationRequest)(
                    name=text_of(classification_name),
                    description=text_of(classification_description or ""),
                ),
                tag_request=spelled(model.CreateTagRequest)(
                    classification=fqn.quote_name(classification_name),
                    name=text_of(tag),
                    description=text_of(tag_description or ""),
                ),
            )
        except ValueError as problem:  # a pydantic error is one
            left = error(
                name=text_of(tag),
                error=f"Error yielding tag [{tag}]: [{problem}]",
                stackTrace=traceback.format_exc(),
            )
            yield either(left=left)
        else:
            yield either(right=record)


def _framework() -> tuple[Any, Any, Any]:
    """`Either`, `StackTraceError` and the pair of a tag: those of the connector's framework."""
    api = importlib.import_module("metadata.ingestion.api.models")
    pairs = importlib.import_module("metadata.ingestion.models.ometa_classification")
    return api.Either, api.StackTraceError, pairs.OMetaTagAndClassification


def get_tag_label(
    metadata: Any, tag_name: Any, classification_name: Any, tag_type: Any = None
) -> Any:
    """The label of a tag or glossary term that exists; None, and a warning, if it does not."""
    is_term = getattr(tag_type, "__name__", "Tag") != "Tag"
    core = model.GlossaryTerm if is_term else model.Tag
    name = text_of(tag_name)
    tag_fqn = name if is_term else fqn.joined(classification_name, name)
    if metadata.get_by_name(entity=spelled(core), fqn=tag_fqn) is None:
        ingestion_logger().warning("Tag does not exist: %s", tag_fqn)
        return None
    return spelled(model.TagLabel)(
        tagFQN=tag_fqn,
        labelType=model.LabelType.Automated,
        state=model.State.Suggested,
        source=model.TagSource.Glossary if is_term else model.TagSource.Classification,
    )


def get_tag_labels(
    metadata: Any,
    tags: Iterable[Any] | None,
    classification_name: Any = None,
    include_tags: bool = True,
    tag_type: Any = None,
) -> list[Any] | None:
    """The labels of the tags that exist; None if there are none, and without `include_tags`."""
    if not include_tags:
        return None
    labels = [get_tag_label(metadata, tag, classification_name, tag_type) for tag in tags or ()]
    return [label for label in labels if label is not None] or None
