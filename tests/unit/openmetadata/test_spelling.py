"""FQNs that are quoted without need reach the wire without quotes: a server has no such entity."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest.kinds import KINDS, Parcel, spell
from om_ingest.kinds.door import request_of
from om_ingest.model.ingestion_pipeline import RunStatus
from pydantic import BaseModel

from tests.every_kind import build, needlessly_quoted, quoted
from tests.unit.openmetadata.conftest import COLLECTIONS

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire

TIME = 1700000000000
ATTACHMENTS = ("sampleData", "pipelineStatus", "tableProfile", "usage", "lineage")
OTHER_FQNS = {"tagFQN", "fullyQualifiedName", "experts", "associatedTags", "upstream"}
LABEL = {"tagFQN": "tag.a"}
OWNER = {"type": "user", "fullyQualifiedName": "ann"}


def fqn_paths(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Paths of the fields with FQNs in the JSON schema of a model: strings of up to 3,072 (§3.0),
    and those whose name says so; models inside themselves are followed twice.
    """
    schema = model.model_json_schema()

    def inside(part: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
        for choice in (*part.get("anyOf", ()), *([part["items"]] if "items" in part else ())):
            yield from inside(choice, path)
        is_named = path and path[-1] in OTHER_FQNS
        if part.get("type") == "string" and (part.get("maxLength") == 3072 or is_named):
            yield path
        for name, below in part.get("properties", {}).items():
            if path.count(name) < 2:
                yield from inside(below, (*path, name))

    return inside(schema, ())


@pytest.fixture
def wire(wire: Wire) -> Wire:
    """A server that has every entity whose name is spelled as servers do."""

    def has(call: Call) -> httpx.Response | None:
        collection, _, fqn = call.path.partition("/name/")
        if not fqn or '"' in fqn or collection not in COLLECTIONS:
            return None
        return httpx.Response(200, json=wire.put(collection, fqn, tasks=[{"name": "load"}]))

    def lists(call: Call) -> httpx.Response | None:
        if call.path not in COLLECTIONS:
            return None
        return httpx.Response(200, json={"data": [], "paging": {"total": 0}})

    wire.judge("GET", "", has)
    wire.judge("GET", "", lists)
    return wire


def assert_plain(wire: Wire, *, writes: bool = True) -> None:
    """No request has quotes; at least one was a write, or a read."""
    sent = [call for call in wire.calls if not call.path.startswith(("system", "users/logged"))]
    assert any((call.method != "GET") is writes for call in sent)
    for call in sent:
        assert '"' not in call.path
        assert '"' not in str(call.query)
        assert '\\"' not in json.dumps(call.body), call.body


@pytest.mark.parametrize("entity_type", KINDS)
def test_requests_of_every_kind(
    wire: Wire, store: OpenMetadata, refused: Any, entity_type: str
) -> None:
    """Parents, links, references, labels, domains and products in a request are spelled plainly."""
    kind = KINDS[entity_type]
    more = {"tags": [LABEL], "owners": [OWNER], "domains": ["domain"], "dataProducts": ["product"]}
    known = {name: value for name, value in more.items() if name in kind.request.model_fields}
    request = build(entity_type, **known)
    fields = {*kind.place_fields, *kind.links, *OTHER_FQNS, "domains", "dataProducts"}
    body = needlessly_quoted(json.loads(request.model_dump_json(exclude_none=True)), fields)
    record = kind.request.model_validate(body)
    assert kind.parent_field is None or '\\"' in record.model_dump_json()
    own = str(Parcel.of(request).identity[1])  # type: ignore[index]  # the FQN is known
    absent = [refused(404, f"instance for {own} not found") for _ in range(3)]
    wire.on("GET", f"^{kind.collection}/name/{re.escape(own)}$", *absent)
    (result,) = store.write([record])
    assert result.reason == ""
    assert_plain(wire)
    assert store.hash_of(Parcel.of(record)) == store.hash_of(Parcel.of(request))


def test_constraints_and_nested_labels(wire: Wire, store: OpenMetadata) -> None:
    """Columns of other tables in constraints, and labels of nested columns, are spelled plainly;
    names that hold a dot keep theirs, and names of columns are no FQNs.
    """
    inner = {"name": "x", "dataType": "INT", "tags": [{"tagFQN": '"tag"."a"'}]}
    table = build(
        "table",
        columns=[{"name": "a.b", "dataType": "STRUCT", "children": [inner]}],
        tableConstraints=[
            {"constraintType": "FOREIGN_KEY", "columns": ["a.b"],
             "referredColumns": ['"s"."d"."p"."t"."c.d"']},
        ],
    )  # fmt: skip
    store.write([table])
    (call,) = wire.sent("PUT", "tables")
    assert call.body["tableConstraints"][0]["referredColumns"] == ['s.d.p.t."c.d"']
    assert call.body["tableConstraints"][0]["columns"] == ["a.b"]
    assert call.body["columns"][0]["children"][0]["tags"][0]["tagFQN"] == "tag.a"


@pytest.mark.parametrize(
    ("record_type", "body"),
    [
        ("sampleData", {"entity": {"type": "table", "fullyQualifiedName": '"s"."d"."p"."t"'},
                        "sampleData": {"columns": [], "rows": []}}),
        ("usage", {"entity": {"type": "table", "fullyQualifiedName": '"s"."d"."p"."t"'},
                   "usage": {"date": "2024-01-02", "count": 1}}),
        ("tableProfile", {"table": '"s"."d"."p"."t"',
                          "profile": {"tableProfile": {"timestamp": TIME}}}),
        ("pipelineStatus", {"pipeline": '"p"."q"', "pipelineStatus": {
            "timestamp": TIME, "executionStatus": "Failed",
            "taskStatus": [{"name": "load", "executionStatus": "Failed"}]}}),
        ("lineage", {"edge": {
            "fromEntity": {"type": "table", "fullyQualifiedName": '"s"."d"."p"."t"'},
            "toEntity": {"type": "table", "fullyQualifiedName": '"s"."d"."p"."u"'},
            "lineageDetails": {
                "pipeline": {"type": "pipeline", "fullyQualifiedName": '"p"."q"'},
                "columnsLineage": [{"fromColumns": ['"s"."d"."p"."t"."a"'],
                                    "toColumn": '"s"."d"."p"."u"."b"'}]}}}),
    ],
    ids=["sample", "usage", "profile", "status", "lineage"],
)  # fmt: skip
def test_edges_and_attachments(
    wire: Wire, store: OpenMetadata, record_type: str, body: dict[str, Any]
) -> None:
    """What an edge or an attachment refers to is spelled plainly, in paths and bodies."""
    (result,) = store.write([request_of(record_type).model_validate(body)])
    assert result.reason == ""
    assert_plain(wire)


@pytest.mark.parametrize("entity_type", KINDS)
def test_look_ups_of_every_kind(
    wire: Wire, store: OpenMetadata, refused: Any, entity_type: str
) -> None:
    """Look-ups by name, deletions, lineage and lists below a scope ask for plain FQNs."""
    kind = KINDS[entity_type]
    plain = ".".join(f"n{number}" for number in range(kind.depth))
    fqn = quoted(plain)
    wire.on("GET", f"{kind.collection}/name/", refused(404, f"instance for {plain} not found"))
    assert store.get_by_name(kind.entity, fqn) is None
    wire.on("GET", "lineage/", refused(404, f"instance for {plain} not found"))
    assert store.get_lineage(kind.entity, fqn) is None
    for depth in range(1, kind.depth):
        scope = quoted(".".join(f"n{number}" for number in range(depth)))
        assert not list(store.list_fqns(kind.entity, scope=scope))
    assert store.delete(kind.entity, fqn)
    assert_plain(wire)


def test_reports_of_runs(wire: Wire, store: OpenMetadata) -> None:
    """A run is reported to, and read from, the ingestion pipeline with the plain FQN."""
    run = RunStatus(runId="r", pipelineState="success", timestamp=TIME)
    store.put_run_status('"s"."p"', run)
    wire.judge("GET", "pipelineStatus", lambda call: httpx.Response(200, json={"runId": "r"}))
    assert store.get_run_status('"s"."p"', "r")
    assert_plain(wire)


@pytest.mark.parametrize("record_type", [*KINDS, *ATTACHMENTS])
def test_every_field_with_an_fqn(record_type: str) -> None:
    """Each field whose schema is that of an FQN is spelled, however deep it lies."""
    model = request_of(record_type)
    paths = set(fqn_paths(model))
    assert paths or record_type == "user"
    for *above, field in paths:
        for given, expected in (('"a"."b.c"', 'a."b.c"'), (['"a"'], ["a"])):
            body: Any = {field: given}
            for name in reversed(above):
                body = {name: [body]}
            spell(model, body)
            for name in above:
                (body,) = body[name]
            assert body == {field: expected}, (above, field)
