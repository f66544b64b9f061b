"""Plays a case against a server: fills in its names, asks, compares."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
from om_ingest_catalog_server.settings import DEFAULT_VERSION

from rest.case import NOTHING, Ask, Case, Make, numbers
from rest.expect import Claim, problems
from rest.specimens import COLLECTIONS, PARENTS, specimen

_PLACEHOLDER = re.compile(r"\{([A-Za-z][\w.]*)\}")
_PREFIX = "/api/v1/"


def play(case: Case, client: httpx.Client, version: str = DEFAULT_VERSION) -> None:
    """Run through a case; fails with what was asked, answered and expected.

    `version` is that of the server, the value of `{version}`.
    """
    names = Names(case)
    names["version"] = version
    for position, step in enumerate(case.steps, start=1):
        try:
            if isinstance(step, Make):
                _make(step, client, names)
                continue
            for _ in range(step.times):
                _ask(step, client, names)
        except AssertionError as error:
            raise AssertionError(f"{case}\nstep {position}: {error}") from None


class Names:
    """What stands for the placeholders of a case; `{me}` is its own."""

    def __init__(self, case: Case) -> None:
        digest = hashlib.sha1(str(case).encode(), usedforsecurity=False).hexdigest()
        self._values: dict[str, Any] = {"me": digest[:10]}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Any:
        assert name in self, f"no answer has told {name}"
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def fill(self, value: Any) -> Any:
        """A value with the names in it; a text that is one placeholder becomes what it names."""
        if isinstance(value, str):
            whole = _PLACEHOLDER.fullmatch(value)
            if whole:
                return self[whole[1]]
            return _PLACEHOLDER.sub(lambda found: str(self[found[1]]), value)
        if isinstance(value, dict):
            return {self.fill(name): self.fill(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return value.filled(self.fill) if isinstance(value, Claim) else value

    def path(self, text: str) -> str:
        """A path or query with the names in it, percent-encoded."""
        filled = _PLACEHOLDER.sub(lambda at: quote(str(self[at[1]]), safe=""), text)
        return filled if filled.startswith("/") else _PREFIX + filled


def _make(step: Make, client: httpx.Client, names: Names) -> None:
    body = specimen(step.entity_type, step.alias, **step.body)
    parent = PARENTS.get(step.entity_type)
    if parent is not None and parent not in names and f"{{{parent}" in str(body):
        _make(Make(parent, parent, {}), client, names)
    request = Ask(
        "PUT",
        COLLECTIONS[step.entity_type],
        201,
        body,
        keeps={
            step.alias: "fullyQualifiedName",
            f"{step.alias}.id": "id",
            f"{step.alias}.name": "name",
        },
    )
    answer = _ask(request, client, names)
    if "etag" in answer.headers:
        names[f"{step.alias}.etag"] = answer.headers["etag"]


def _ask(step: Ask, client: httpx.Client, names: Names) -> httpx.Response:
    headers = {name: names.fill(value) for name, value in step.sends.items()}
    if step.by is not None:
        headers.setdefault("Authorization", f"Bearer {step.by}")
    options: dict[str, Any] = {"headers": headers}
    if isinstance(step.body, bytes):
        headers.setdefault("Content-Type", "application/json")
        options["content"] = step.body
    elif step.body is not NOTHING:
        options["json"] = _spelled(step, names.fill(step.body), names["version"])
    answer = client.request(step.method, names.path(step.path), **options)
    found = list(_problems(step, answer, names))
    assert not found, (
        f"{step.method} {answer.request.url} {options.get('json', '')}\n"
        f"answered {answer.status_code} {dict(answer.headers)}\n{answer.text[:2000]}\n"
        + "\n".join(found)
    )
    for name, where in step.keeps.items():
        names[name] = _at(answer, where)
    return answer


def _spelled(step: Ask, body: Any, version: str) -> Any:
    """A create body as a server of the version calls its fields: `domain` before 1.9."""
    has_one = numbers(version) < (1, 9) and step.path not in ("users", "teams")
    if not (has_one and step.method in ("PUT", "POST") and isinstance(body, dict)):
        return body
    domains = body.get("domains")
    if not isinstance(domains, list) or len(domains) != 1:
        return body
    return {"domain" if name == "domains" else name: value for name, value in body.items()} | {
        "domain": domains[0]
    }


def _problems(step: Ask, answer: httpx.Response, names: Names) -> Iterator[str]:
    allowed = [step.status] if isinstance(step.status, int) else step.status
    if answer.status_code not in allowed:
        yield f"the status is {answer.status_code}, not {step.status}"
    is_unhandled = '"responseMessage"' in answer.text  # in releases before 1.12
    if answer.status_code >= 400 and step.method != "HEAD" and not is_unhandled:
        yield from problems({"code": answer.status_code}, _json(answer), "the error")
    if step.shows is not NOTHING:
        yield from problems(names.fill(step.shows), _json(answer), "the answer")
    if step.says and names.fill(step.says) not in str(_json(answer).get("message")):
        yield f"the message does not say {names.fill(step.says)!r}"
    expected = {name.lower(): value for name, value in names.fill(dict(step.headers)).items()}
    yield from problems(expected, dict(answer.headers), "the header")


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise AssertionError(
            f"no JSON: {answer.status_code} {answer.headers.get('content-type')}"
            f" {answer.content[:500]!r}"
        ) from None


def _at(answer: httpx.Response, where: str) -> Any:
    if where.startswith("header:"):
        name = where.removeprefix("header:")
        assert name in answer.headers, f"no {name}: {dict(answer.headers)}"
        return answer.headers[name]
    value = _json(answer)
    for name in where.split("."):
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value
