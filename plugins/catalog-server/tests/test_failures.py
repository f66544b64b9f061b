"""Responses to errors (contract §10.1)."""

from __future__ import annotations

import json

import pytest
from om_ingest import ConflictError, DeliveryError, NotFoundError, PreconditionError, RecordError
from om_ingest_catalog_server.failures import answer_to

WHAT = "The catalog failed: database is locked"


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (RecordError(WHAT, "r"), 400, None),
        (NotFoundError(WHAT, "r"), 404, None),
        (ConflictError(WHAT, "r"), 409, None),
        (PreconditionError(WHAT, "r"), 412, None),
        (DeliveryError(WHAT, "r"), 500, None),
        (DeliveryError(WHAT, "r", is_busy=True), 503, "1"),
    ],
)
def test_status(error: Exception, status: int, retry_after: str | None) -> None:
    """Each error class has a status; only a busy catalog suggests a retry."""
    answer = answer_to(error)
    assert answer.status_code == status
    assert json.loads(bytes(answer.body)) == {"code": status, "message": WHAT}
    assert answer.headers.get("retry-after") == retry_after


def test_a_mistake_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    """The text of an unexpected exception goes to the log, and not to the client."""
    answer = answer_to(ZeroDivisionError("a secret"))
    assert answer.status_code == 500
    assert b"a secret" not in bytes(answer.body)
    assert "a secret" in caplog.text
