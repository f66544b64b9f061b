"""Mapping of exceptions to HTTP responses."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from om_ingest import ConflictError, DeliveryError, NotFoundError, PreconditionError, RecordError
from om_ingest_catalog import UnreadableError
from starlette.exceptions import HTTPException

from om_ingest_catalog_server.answers import error_answer

if TYPE_CHECKING:
    from starlette.responses import Response

logger = logging.getLogger(__name__)

_RETRY = {"Retry-After": "1"}


def answer_to(error: Exception) -> Response:
    """The response for an exception (contract §10.1); unexpected ones are logged and become 500."""
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
