"""Query parameters of a request, with types, ranges and defaults."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from om_ingest_catalog_server.failures import RoutingError

if TYPE_CHECKING:
    from om_ingest_catalog import Include

MAX_LIMIT = 1_000_000
_MAX_PARAMETERS = 1_000
_MAX_TIME = 2**53
_MAX_INT = 2**31


class QueryParameters:
    """Query parameters; invalid ones raise `HTTPException` (400)."""

    def __init__(self, query_string: bytes) -> None:
        self._query_string = query_string

    @cached_property
    def values(self) -> dict[str, str]:
        """All parameters; the first value counts if a parameter is repeated."""
        if not self._query_string:
            return {}
        try:
            pairs = parse_qsl(
                self._query_string.decode("utf-8"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MAX_PARAMETERS,
            )
        except ValueError:
            raise HTTPException(400, "The query of the URL cannot be read") from None
        return dict(reversed(pairs))

    def text(self, name: str) -> str | None:
        """The text of a parameter; None if it is missing or empty."""
        return self.values.get(name) or None

    def required(self, name: str) -> str:
        """The text of a required parameter."""
        value = self.text(name)
        if value is None:
            raise HTTPException(400, f"[query param {name} must not be null]")
        return value

    def flag(self, name: str) -> bool:
        """A boolean parameter; everything but `true` is false, as to OpenMetadata's framework."""
        return self.values.get(name, "").lower() == "true"

    def whole(
        self, name: str, default: int | None = None, *, least: int = 0, most: int = MAX_LIMIT
    ) -> int | None:
        """An integer parameter in a range, both ends included.

        Raises `RoutingError` (404) for what is no integer, as OpenMetadata's framework answers.
        """
        value = self.text(name)
        if value is None:
            return default
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
            raise RoutingError(404)
        number = int(value)
        if abs(number) >= _MAX_INT > most:
            raise RoutingError(404)
        if number < least:
            raise HTTPException(
                400, f"[query param {name} must be greater than or equal to {least}]"
            )
        if number > most:
            raise HTTPException(400, f"[query param {name} must be less than or equal to {most}]")
        return number

    @property
    def limit(self) -> int:
        """Maximum number of entities of a page (contract §7)."""
        return cast("int", self.whole("limit", 10))

    @property
    def span(self) -> tuple[int | None, int | None]:
        """`startTs` and `endTs`, in ms since 1970."""
        return self.whole("startTs", most=_MAX_TIME), self.whole("endTs", most=_MAX_TIME)

    @property
    def include(self) -> Include:
        """Whether to include deleted entities; the catalog validates the value."""
        return cast("Include", self.text("include") or "non-deleted")

    @property
    def fields(self) -> frozenset[str]:
        """The requested fields, in addition to those that are always included."""
        return frozenset(
            name.strip() for name in (self.text("fields") or "").split(",") if name.strip()
        )
