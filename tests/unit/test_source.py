"""What the contract does for a connector: config, status, life cycle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import pytest
from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    OmIngestError,
    PluginError,
    Record,
    SourceStatus,
    WorkflowContext,
    WorkflowError,
)
from om_ingest_catalog import Catalog
from pydantic import BaseModel, SecretStr

ModelT = TypeVar("ModelT", bound=BaseModel)


class ShopConfig(ConnectorConfig):
    host: str
    port: int = 80
    password: SecretStr | None = None


class ShopSource(ConfiguredSource[ShopConfig]):
    def next_record(self) -> Iterable[Record]:
        return ()


class SpecialShop(ShopSource):
    """Inherits its config."""


class OwnConfig(ShopConfig):
    region: str = "eu"


class RegionalShop(ShopSource):
    config_class = OwnConfig


class Reads(Generic[ModelT]):
    """A mixin with a model of its own."""


class MixedShop(ConfiguredSource[ShopConfig], Reads[OwnConfig]):
    def next_record(self) -> Iterable[Record]:
        return ()


class Nameless(ConfiguredSource):  # type: ignore[type-arg]  # forgot the config
    def next_record(self) -> Iterable[Record]:
        return ()


def create(source: type[ConfiguredSource[Any]], **config: Any) -> ConfiguredSource[Any]:
    return source.create(config, {}, WorkflowContext(Catalog.temporary(), "service"))


@pytest.mark.parametrize("source", [ShopSource, SpecialShop])
def test_config_is_typed(source: type[ShopSource]) -> None:
    """The config arrives as the declared model, subclasses inherit it."""
    with create(source, host="h", port="8080") as made:
        assert made.config == ShopConfig(host="h", port=8080)
        assert made.get_status() is made.status


def test_config_class_that_a_subclass_names() -> None:
    """A subclass may name another model; the one of some other generic base is not taken."""
    assert RegionalShop.config_class is OwnConfig
    assert MixedShop.config_class is ShopConfig


def test_all_problems_at_once() -> None:
    """A wrong config is one error that lists every key, and quotes no value."""
    with pytest.raises(WorkflowError) as caught:
        create(ShopSource, prt="hunter2", port="hunter2", password=["hunter2"])
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["host", "port", "password", "prt"]
    assert "did you mean 'port'?" in caught.value.what
    assert "hunter2" not in str(caught.value)


def test_forgotten_config() -> None:
    """A source that names no config class is told how to."""
    with pytest.raises(PluginError, match=r"ConfiguredSource\[YourConfig\]"):
        create(Nameless)


def test_status_stays_small() -> None:
    """Everything is counted, and the first 20 notes of each sort are kept."""
    status = SourceStatus()
    for number in range(1000):
        status.scanned(f"table {number}")
        status.warning(f"w{number}", "why")
        status.failure(f"f{number}", "why")
        status.filter(f"x{number}", "why")
    assert (status.scanned_count, status.current_scope) == (1000, "table 999")
    for notes, count in (
        (status.warnings, status.warning_count),
        (status.failures, status.failure_count),
        (status.filtered, status.filtered_count),
    ):
        assert (len(notes), count) == (20, 1000)
    assert status.failures[19].key == "f19"


def test_status_takes_anything() -> None:
    """Keys and reasons that are no text become text."""
    status = SourceStatus()
    status.failure(7, ValueError("x"))  # type: ignore[arg-type]  # connectors do that
    assert (status.failures[0].key, status.failures[0].reason) == ("7", "x")


def test_errors_survive_pickling() -> None:
    """An error that crosses a process boundary keeps what it says."""
    import pickle

    error = OmIngestError("What happened", "What to do")
    again = pickle.loads(pickle.dumps(error))
    assert (again.what, again.remedy, str(again)) == (error.what, error.remedy, str(error))
