"""Mapping of exceptions to HTTP responses."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from om_ingest import ConflictError, DeliveryError, NotFoundError, PreconditionError, RecordError
from om_ingest_catalog import NEWEST, UnreadableError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server import releases
from om_ingest_catalog_server.answers import error_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from om_ingest_catalog import Release

logger = logging.getLogger(__name__)

_RETRY = {"Retry-After": "1"}


class UnhandledError(HTTPException):
    """A fault that OpenMetadata's own code does not handle: 500, in older releases in another form.

    Newer releases answer with `status` and `detail`, older ones with 500 and `thrown`, which is
    `detail` unless given (contract §10.1).
    """

    until: ClassVar[Release] = releases.PLAIN_REFUSALS
    """The first release that answers with `status` and `detail`."""

    def __init__(
        self,
        detail: str,
        status: int = 500,
        headers: Mapping[str, str] | None = None,
        thrown: str = "",
    ) -> None:
        super().__init__(status, detail, headers)
        self.thrown = thrown or detail


class UnreadableBodyError(HTTPException):
    """The body is no JSON: 400, in older releases as text/plain (contract §10.1)."""

    def __init__(self, detail: str) -> None:
        super().__init__(400, detail)


class NoBodyError(UnhandledError):
    """There is no body, or it is `null`: a fault in older releases."""

    until = releases.JSON_REFUSALS

    def __init__(self, detail: str) -> None:
        said = 'Cannot invoke "org.openmetadata.schema.CreateEntity.getOwners()"'
        super().__init__(detail, 400, thrown=f'{said} because "request" is null')


class RoutingError(UnhandledError):
    """No handler takes the request: its path, method, media type, or a number or UUID in the path.

    OpenMetadata's framework answers it, so that older releases answer 500.
    """

    def __init__(
        self, status: int, detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        named = f"HTTP {status} {HTTPStatus(status).phrase}"
        super().__init__(detail or named, status, headers, named)


def answer_to(error: Exception, release: Release = NEWEST) -> Response:
    """The response for an exception (contract §10.1); unexpected ones are logged and become 500."""
    if isinstance(error, UnhandledError) and release < error.until:
        said = f"An exception with message [{error.thrown}] was thrown while processing request."
        told = {"responseMessage": said, "errorType": "UNHANDLED_SERVER_EXCEPTION"}
        return json_answer(told, 500)
    if isinstance(error, UnreadableBodyError) and release < releases.JSON_REFUSALS:
        return Response(error.detail, 400, {"Content-Type": "text/plain"})
    if isinstance(error, HTTPException):
        return error_answer(error.status_code, error.detail, error.headers)
    if isinstance(error, RecordError):
        return error_answer(_status(error), error.what)
    if isinstance(error, DeliveryError):
        if error.is_busy:
            return error_answer(503, error.what, _RETRY)
        logger.error("%s", error)
        return error_answer(500, error.what)
    logger.error("Unexpected error in a request", exc_info=error)
    return error_answer(500, "There is a mistake in the server; its log has the details")


def _status(error: RecordError) -> int:
    if isinstance(error, UnreadableError):
        return 500
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, ConflictError):
        return 409
    return 412 if isinstance(error, PreconditionError) else 400
