from typing import Iterable

from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.type.tagLabel import LabelType, State, TagLabel, TagSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.models.ometa_classification import OMetaTagAndClassification
from metadata.utils import fqn

CLASSIFICATION = "Newsroom"


def terms(names) -> Iterable[Either[OMetaTagAndClassification]]:
    for name in names:
        yield Either(
            right=OMetaTagAndClassification(
                fqn=None,
                classification_request=CreateClassificationRequest(
                    name=CLASSIFICATION, description="Desks of the newsroom"
                ),
                tag_request=CreateTagRequest(
                    classification=CLASSIFICATION, name=name, description=f"The {name} desk"
                ),
            )
        )


def label(name) -> TagLabel:
    return TagLabel(
        tagFQN=fqn._build(CLASSIFICATION, name),
        source=TagSource.Classification,
        labelType=LabelType.Automated,
        state=State.Suggested,
    )
