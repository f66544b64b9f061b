"""The errors of OpenMetadata's own client: `metadata.ingestion.ometa.client`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from om_ingest.errors import (
    ConflictError,
    NotFoundError,
    PluginFaultError,
    PreconditionError,
    RecordError,
)

_CODES = {NotFoundError: 404, ConflictError: 409, PreconditionError: 412}


class APIError(RecordError):
    """A request was refused; `code` and `status_code` are those that a server answers with."""

    def __init__(self, error: Any, http_error: Any = None) -> None:
        """`error` is the body of an answer: `{"code": 404, "message": "…"}`."""
        body = dict(error) if isinstance(error, Mapping) else {"message": str(error)}
        super().__init__(str(body.get("message", error)), "Correct the request.")
        self._error = body
        self._http_error = http_error

    @classmethod
    def of(cls, error: RecordError) -> APIError:
        """What a server's client raises where a store raises `error`."""
        code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), 400)
        return cls({"code": code, "message": error.what})

    @property
    def code(self) -> int:
        """The code in the body; 400 where there is none."""
        return int(self._error.get("code", 400))

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        answer = getattr(self._http_error, "response", None)
        return int(getattr(answer, "status_code", self.code))

    @property
    def request(self) -> Any:
        """The HTTP request; None unless the connector made it."""
        return getattr(self._http_error, "request", None)

    @property
    def response(self) -> Any:
        """The HTTP answer; None unless the connector made the request."""
        return getattr(self._http_error, "response", None)


class LimitsException(Exception):  # noqa: N818  # its name upstream
    """A server has refused further requests; the client of a run repeats them by itself."""


class RetryException(Exception):  # noqa: N818  # its name upstream
    """A request is to be repeated; the client of a run repeats it by itself."""


class MissingMethodError(PluginFaultError, NotImplementedError):
    """A connector called what om-ingest-compat does not have."""


class UnknownAttributeError(PluginFaultError, AttributeError):
    """A connector asked for an attribute that the client does not have."""
