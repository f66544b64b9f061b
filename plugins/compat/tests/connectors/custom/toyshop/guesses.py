"""The guesses, models of machine learning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metadata.generated.schema.api.data.createMlModel import CreateMlModelRequest
from metadata.generated.schema.entity.data.mlmodel import (
    FeatureSource,
    FeatureSourceDataType,
    FeatureType,
    MlFeature,
    MlHyperParameter,
    MlStore,
)
from metadata.generated.schema.entity.services.connections.mlmodel.customMlModelConnection import (
    CustomMlModelConnection,
)
from metadata.generated.schema.entity.services.mlmodelService import MlModelService

from .steps import ToyshopSource


class GuessesSource(ToyshopSource):
    service_type = MlModelService
    connection_type = CustomMlModelConnection

    def records(self) -> Iterable[Any]:
        yield CreateMlModelRequest(
            name="demand",
            description="How many bears",
            algorithm="Regression",
            service=self.service,
            target="sold",
            mlFeatures=[
                MlFeature(
                    name="weekday",
                    dataType=FeatureType.categorical,
                    featureAlgorithm="one-hot",
                    featureSources=[FeatureSource(name="day", dataType=FeatureSourceDataType.date)],
                ),
                MlFeature(name="price", dataType=FeatureType.numerical),
            ],
            mlHyperParameters=[
                MlHyperParameter(name="depth", value="4"),
                MlHyperParameter(name="rate", value="0.1", description="Of learning"),
            ],
            mlStore=MlStore(storage="s3://guesses/demand", imageRepository="registry/demand"),
            server="http://guesses.example/demand",
        )
