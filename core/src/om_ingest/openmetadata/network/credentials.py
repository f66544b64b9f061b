"""The token and the extra headers of every request, which messages never show."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from om_ingest.errors import WorkflowError
from om_ingest.masking import Redactor
from om_ingest.openmetadata.config import TOKEN_VARIABLE, MetadataServerConfig

_PLACEHOLDER = re.compile(r"%\(([^)]+)\)s")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_AGENT_CHARS = 256


class Credentials:
    """The headers that identify the client. Thread-safe. Raises `WorkflowError` for bad values.

    The token is given as text, as the path of a file, or in the environment variable
    OM_INGEST_TOKEN. Without a token none is sent: development servers need none. All of them,
    and every later token, are added to `redact`.
    """

    def __init__(self, config: MetadataServerConfig, agent: str, redact: Redactor) -> None:
        security = config.securityConfig
        given = security.jwtToken.get_secret_value().strip() if security else ""
        given = given or os.environ.get(TOKEN_VARIABLE, "").strip()
        self._file = _file_of(given)
        self._given = given
        self._extra = {
            name: value.get_secret_value() for name, value in (config.extraHeaders or {}).items()
        }
        self._agent = re.sub(r"[^ -~]", "?", agent)[:_AGENT_CHARS]
        self._lock = threading.Lock()
        self._redact = redact
        redact.add(self._extra.values())
        self._token = self._read()
        self.headers = self._compose()
        """All headers; replaced as a whole by `refresh`."""

    def refresh(self, rejected: dict[str, str]) -> bool:
        """Read the token's file again; whether the headers differ from the rejected ones."""
        with self._lock:
            if self.headers is rejected and self._file is not None:
                with suppress(WorkflowError):  # keep the old token
                    token, self._token = self._token, self._read()
                    if token != self._token:
                        self.headers = self._compose()
            return self.headers is not rejected

    def _read(self) -> str:
        """The token, which is masked from now on."""
        try:
            token = self._file.read_text("utf-8-sig").strip() if self._file else self._given
        except (OSError, UnicodeDecodeError):
            raise WorkflowError(
                "The file that jwtToken names cannot be read",
                "Make it readable for the user who runs om-ingest, or give the token itself.",
            ) from None
        if self._file and not token:
            raise WorkflowError(
                "The file that jwtToken names is empty", "Write the token into it, or name another."
            )
        self._redact.add([token])
        return token

    def _compose(self) -> dict[str, str]:
        headers = {"User-Agent": self._agent}
        if self._token:
            headers["Authorization"] = f"Bearer {_checked(self._token, 'The token')}"
        known = {name.lower(): value for name, value in headers.items()}
        for name, template in self._extra.items():
            if not _HEADER_NAME.fullmatch(name):
                raise WorkflowError(
                    f"{name!r} cannot be the name of a header", "Correct extraHeaders."
                )
            value = _PLACEHOLDER.sub(lambda found: known.get(found[1].lower(), ""), template)
            headers[name] = _checked(value, f"The value of the extra header {name!r}")
        return headers


def tokens_of(config: MetadataServerConfig | None) -> Iterator[str]:
    """All tokens of a run, for masking: given as text, in a file, or in the environment."""
    yield os.environ.get(TOKEN_VARIABLE, "").strip()
    if config is not None and config.securityConfig is not None:
        given = config.securityConfig.jwtToken.get_secret_value().strip()
        yield given
        with suppress(WorkflowError, OSError, UnicodeDecodeError):  # reported at its use
            if (file := _file_of(given)) is not None:
                yield file.read_text("utf-8-sig").strip()


def _file_of(given: str) -> Path | None:
    """The file if the given token is a path; else None.

    A JSON Web Token has no slash (RFC 7519, §3): what has one is a path, also without a file.
    """
    path = Path(given)
    try:
        is_file = bool(given) and path.is_file()
    except OSError:  # a token is too long for the name of a file
        is_file = False
    if not is_file and (given.startswith("~") or "/" in given or "\\" in given):
        raise WorkflowError(
            "jwtToken is the path of a file that does not exist",
            "Mount or create the file, or give the token itself.",
        )
    return path if is_file else None


def _checked(value: str, what: str) -> str:
    if not re.fullmatch(r"[\t -~]*", value):
        raise WorkflowError(
            f"{what} has characters that no header may have",
            "Take out line breaks and everything that is not ASCII.",
        )
    return value
