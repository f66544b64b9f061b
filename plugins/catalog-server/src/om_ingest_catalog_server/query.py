"""The part of a URL after `?`: each parameter with its type, its range and its default."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from om_ingest_catalog import Include

MAX_LIMIT = 1_000_000
_MAX_PARAMETERS = 1_000
_MAX_TIME = 2**53


class QueryParameters:
    """Parameters of a request; everything that does not fit is answered 400."""

    def __init__(self, query_string: bytes) -> None:
        self._query_string = query_string

    @cached_property
    def values(self) -> dict[str, str]:
        """Every parameter; of one that occurs twice, the first counts."""
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
        """A parameter as it is; None where it is missing or empty."""
        return self.values.get(name) or None

    def required(self, name: str) -> str:
        """A parameter that has to be there."""
        value = self.text(name)
        if value is None:
            raise HTTPException(400, f"[query param {name} must not be null]")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """`true` or `false`."""
        value = self.text(name)
        if value is None:
            return default
        if value.lower() not in {"true", "false"}:
            raise HTTPException(400, f"[query param {name} must be true or false]")
        return value.lower() == "true"

    def whole(
        self, name: str, default: int | None = None, *, least: int = 0, most: int = MAX_LIMIT
    ) -> int | None:
        """A whole number in a range."""
        value = self.text(name)
        if value is None:
            return default
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
            raise HTTPException(400, f"[query param {name} must be a whole number]")
        number = int(value)
        if number < least:
            raise HTTPException(
                400, f"[query param {name} must be greater than or equal to {least}]"
            )
        if number > most:
            raise HTTPException(400, f"[query param {name} must be less than or equal to {most}]")
        return number

    @property
    def limit(self) -> int:
        """How many entities a page has at most (contract §7)."""
        return cast("int", self.whole("limit", 10))

    @property
    def span(self) -> tuple[int | None, int | None]:
        """`startTs` and `endTs`, in ms since 1970."""
        return self.whole("startTs", most=_MAX_TIME), self.whole("endTs", most=_MAX_TIME)

    @property
    def include(self) -> Include:
        """Whether deleted entities are wanted; it is the catalog that refuses other values."""
        return cast("Include", self.text("include") or "non-deleted")

    @property
    def fields(self) -> frozenset[str]:
        """The fields that are wanted besides those that always come."""
        return frozenset(
            name.strip() for name in (self.text("fields") or "").split(",") if name.strip()
        )
