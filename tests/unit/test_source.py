"""What the contract does for a connector: config, status, life cycle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import pytest
from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseServiceRequest,
    OmIngestError,
    PluginError,
    Record,
    Source,
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


class Bare(Source):
    """Says nothing of a context."""

    create = classmethod(lambda cls, *given: cls())  # type: ignore[assignment]  # as short as can be

    def prepare(self) -> None: ...

    def next_record(self) -> Iterable[Record]:
        return ()

    def get_status(self) -> SourceStatus:
        return SourceStatus()


def bare(service_name: str = "shop") -> Bare:
    """A source whose target holds the service `shop`, and which has yielded nothing."""
    source = Bare(WorkflowContext(Catalog.temporary(), service_name))
    source.metadata.write([CreateDatabaseServiceRequest(name="shop", serviceType="CustomDatabase")])
    return source


def test_context_without_a_yielded_service() -> None:
    """The service is that of the run then, as when it was made by `get_service_or_create`."""
    assert bare().context.database_service.fullyQualifiedName == "shop"


def test_context_follows_what_is_yielded() -> None:
    """Of each kind it has the entity that was yielded last, read once."""
    source, found = bare(), []
    for name in ("db", "other"):
        request = CreateDatabaseRequest(name=name, service="shop")
        source.metadata.write([request])
        source.ctx.latest["database"] = request
        found.append(source.context.database)
        assert source.context.database is found[-1]
    assert [entity.fullyQualifiedName.__root__ for entity in found] == ["shop.db", "shop.other"]


def test_context_that_has_nothing() -> None:
    """What was not yielded, not delivered or is no kind is named, with what to do."""
    source = bare("elsewhere")
    with pytest.raises(PluginError, match=r"self.context.database: no database was yielded so far"):
        _ = source.context.database
    with pytest.raises(PluginError, match="no databaseService was yielded"):
        _ = source.context.database_service
    source.ctx.latest["database"] = CreateDatabaseRequest(name="db", service="shop")
    with pytest.raises(PluginError, match=r"'shop.db' was yielded, and not delivered"):
        _ = source.context.database
    with pytest.raises(AttributeError, match="no 'databse'; did you mean 'database'"):
        _ = source.context.databse


def test_source_that_takes_no_context() -> None:
    """A class may do without the base's `__init__`, and may set the names of the base itself."""
    source = Bare()
    source.metadata = source.context = "its own"  # type: ignore[assignment]  # connectors do that
    assert (source.metadata, source.context) == ("its own", "its own")
