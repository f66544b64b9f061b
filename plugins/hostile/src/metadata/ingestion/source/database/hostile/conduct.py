"""Sources with side effects that the contract forbids."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, ConnectorConfig, Record, SourceError, WorkflowContext
from pydantic import SecretStr

MANY = 2000


class Prints(ConfiguredSource[NoConfig]):
    """Prints to standard output, which belongs to the records of a sink."""

    def __init__(self, config: NoConfig, ctx: WorkflowContext) -> None:
        print("printed by create")
        super().__init__(config, ctx)

    def prepare(self) -> None:
        sys.stdout.write("printed by prepare\n")

    def next_record(self) -> Iterator[Record]:
        """Two tables, with noise between them."""
        for record in records.tables(2):
            print("printed by next_record")
            yield record

    def close(self) -> None:
        print("printed by close", flush=True)


class SecretConfig(ConnectorConfig):
    """Config with a secret."""

    password: SecretStr
    """A secret."""


class LeaksSecret(ConfiguredSource[SecretConfig]):
    """Writes its password into every output."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, and one that is refused because its schema is called like the secret."""
        secret = self.config.password.get_secret_value()
        self.ctx.logger.warning("logged %s", secret)
        print("printed", secret)
        print("printed to stderr", secret, file=sys.stderr)
        self.status.warning(secret, f"noted {secret}")
        yield from records.tables(2)
        yield records.table("orphan", schema=f"hostile.db.{secret}")
        raise RuntimeError(f"raised {secret}")

    def close(self) -> None:
        secret = self.config.password.get_secret_value()
        raise SourceError(f"closed with {secret}", f"Do not use {secret}.")


class PortConfig(ConnectorConfig):
    """Config with an address."""

    port: int
    """TCP port on this machine."""


class ConnectsInCreate(ConfiguredSource[PortConfig]):
    """Connects while it is created: `om-ingest check` would touch the remote system."""

    def __init__(self, config: PortConfig, ctx: WorkflowContext) -> None:
        super().__init__(config, ctx)
        self.connection = socket.create_connection(("localhost", config.port), timeout=5)

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)

    def close(self) -> None:
        self.connection.close()


class ClosesOnceOnly(ConfiguredSource[NoConfig]):
    """Cannot be closed twice, and must not be: the contract says exactly once."""

    closed = False

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed twice")
        self.closed = True


class Eager(ConfiguredSource[NoConfig]):
    """Reads everything before it yields the first record: no progress, and no memory bound."""

    def next_record(self) -> Iterator[Record]:
        """An iterator over a finished list."""
        return iter(list(records.tables(MANY)))


class Grows(ConfiguredSource[NoConfig]):
    """Keeps every record it has yielded."""

    def next_record(self) -> Iterator[Record]:
        """Many tables, none of them ever forgotten."""
        kept = []
        for record in records.tables(MANY):
            kept.append(record)
            yield record


class SilentConfig(ConnectorConfig):
    """Config without docstrings."""

    who_knows: int = 3


class Undocumented(ConfiguredSource[SilentConfig]):
    """Has an undocumented key in its config."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)
