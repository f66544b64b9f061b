"""A damaged line of a dead-letter file costs that line alone, and is named by its number."""

from __future__ import annotations

from pathlib import Path

import pytest
from om_ingest.kinds.lines import LINE_MAX_BYTES
from om_ingest.workflow import deadletter

HEAD = b'{"format": "om-ingest-dead-letters", "version": 1}'
GOOD = b'{"reason": "full", "type": "database", "record": {"name": "d", "service": "s"}}'
DAMAGED = {
    "a byte that is no UTF-8": GOOD.replace(b"full", b"f\xffll"),
    "half a line": GOOD[:40],
    "lists in lists": b"[" * 100_000,
    "objects in objects": b'{"a":' * 100_000,
    "a NUL byte": GOOD.replace(b'"d"', b'"d\0"'),
    "only NUL bytes": b"\0" * 4096,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "null": b"null",
    "a list": b"[]",
    "no type": b'{"record": {}}',
    "a type that is no text": b'{"type": [], "record": {}}',
    "an unknown type": b'{"type": "chair", "record": {}}',
    "a marker of nothing": b'{"type": "scopeComplete", "record": {"entity": []}}',
    "a record that is no object": b'{"type": "database", "record": []}',
    "a number without end": b'{"type": "database", "record": {"name": ' + b"9" * 6000 + b"}}",
    "half a character": GOOD.replace(b'"d"', b'"\\ud800"'),
    "what never was a record": b'{"type": "invalid", "text": "x"}',
    "a secret left out": b'{"masked": true, "type": "database", "record": {}}',
    "a line without end": b" " * (LINE_MAX_BYTES + 5),
}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("damage", DAMAGED)
def test_one_damaged_line(tmp_path: Path, damage: str, end: bytes) -> None:
    """The lines before and after it are read, whatever it holds, and it is named."""
    path = tmp_path / "letters.jsonl"
    path.write_bytes(end.join([HEAD, GOOD, DAMAGED[damage], GOOD, b"", GOOD]))
    assert deadletter.read_header(path)["version"] == 1
    first, bad, *others = list(deadletter.read(path))
    assert bad.record is None
    assert bad.reason.startswith("line 3")
    assert [letter.reason for letter in (first, *others)] == ["full"] * 3
    assert all(letter.record is not None for letter in (first, *others))


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n \n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_marks_of_editors(tmp_path: Path, start: bytes, end: str) -> None:
    """A byte-order mark, blank lines, and a missing last line break are no damage."""
    path = tmp_path / "letters.jsonl"
    path.write_bytes(start + HEAD + b"\r\n" + GOOD + b"\n\n" + start + GOOD + end.encode())
    deadletter.read_header(path)
    assert [letter.reason for letter in deadletter.read(path)] == ["full", "full"]
