"""What each version reads of bodies: fields and values that it does not know are 400.

The expectations are from upstream's published models, from 1.5 to 2.0.7, and not from the table
that the server uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from conftest import Serve
    from in_process import Client

Body = dict[str, Any]
COLUMN = {"name": "c", "dataType": "INT"}
LABEL = {"tagFQN": "PII.None", "source": "Classification", "labelType": "Manual"} | {
    "state": "Confirmed"
}
HIDDEN = "Invalid request format"


def table(**more: Any) -> Body:
    """A table in the schema."""
    return {"name": "t", "databaseSchema": "svc.db.s", "columns": [COLUMN], **more}


def service(kind: str, **more: Any) -> Body:
    """A service of this kind."""
    return {"name": "x", "serviceType": kind, **more}


def unrecognised(field: str) -> str:
    """How the message about a field begins."""
    return f'Unrecognized field "{field}" (class org.openmetadata.schema.'


def no_value(value: str) -> str:
    """What the message about a value says."""
    return f"`, problem: {value}\n"


CONSTRAINT = {"constraintType": "UNIQUE", "columns": ["c"], "relationshipType": "ONE_TO_ONE"}
TAG = {"name": "t", "classification": "PII", "description": "d"}
TERM = {"name": "t", "glossary": "g", "description": "d"}
DASHBOARDS, DATABASES = "services/dashboardServices", "services/databaseServices"
USER = {"name": "u", "email": "u@example.com"}
CONSTRAINTS = '["tableConstraints"]->java.util.ArrayList[0]->org.openmetadata.schema.type.Table'
SECOND = '["columns"]->java.util.ArrayList[1]->org.openmetadata.schema.type.Column["extension"])'
LABELS = 'Column["tags"]->java.util.ArrayList[0]->org.openmetadata.schema.type.TagLabel["reason"])'
MORE = [COLUMN, {**COLUMN, "name": "d", "extension": {}}]
REASON = {**COLUMN, "tags": [{**LABEL, "reason": "r"}]}
FIELDS: list[tuple[str, str, Body, str, str, str]] = [
    ("tables", "locationPath", table(locationPath="s3://x"), "1.5.7", "1.5.8", ""),
    ("tables", "domains", table(domains=[]), "1.8.12", "1.9.0", ""),
    ("tables", "domain", table(domain="d"), "1.9.0", "1.8.12", ""),
    ("tables", "aliases", table(aliases=["a"]), "1.13.5", "1.13.6", ""),
    ("tables", "aliases", table(aliases=["a"]), "2.0.0", "2.0.7", ""),
    (
        *("tables", "relationshipType", table(tableConstraints=[CONSTRAINT])),
        *("1.5.15", "1.6.0", CONSTRAINTS),
    ),
    ("tables", "extension", table(columns=MORE), "1.11.14", "1.12.0", SECOND),
    ("tables", "reason", table(columns=[REASON]), "1.9.17", "1.10.0", LABELS),
    ("tags", "owners", {**TAG, "owners": []}, "1.7.7", "1.8.0", "api.classification.CreateTag["),
    ("tags", "coverImage", {**TAG, "style": {"coverImage": {}}}, "1.10.14", "1.11.0", ""),
    ("glossaryTerms", "iri", {**TERM, "iri": "urn:x"}, "1.13.6", "2.0.0", ""),
    ("glossaryTerms", "domains", {**TERM, "domains": []}, "1.13.1", "1.13.2", ""),
    ("users", "scimUserName", {**USER, "scimUserName": "u"}, "1.7.7", "1.8.0", "teams.CreateUser["),
    (DATABASES, "style", service("CustomDatabase", style={}), "1.13.6", "2.0.0", ""),
    ("tables", "nonsense", table(nonsense=1), "2.0.7", "", ""),
    ("tables", "nonsense", table(columns=[{**COLUMN, "nonsense": 1}]), "1.6.0", "", 'Column["'),
]
"""Collection, field, body, a version that refuses it, one that takes it, part of its message."""

HIERARCHY = table(columns=[{**COLUMN, "dataType": "HIERARCHYID"}])
VALUES: list[tuple[str, str, Body, str, str]] = [
    (DASHBOARDS, "Grafana", service("Grafana"), "1.9.0", "1.9.1"),
    ("services/apiServices", "Rest", service("Rest"), "1.5.15", "1.6.0"),
    ("services/apiServices", "REST", service("REST"), "1.6.0", "1.5.15"),
    ("tables", "SemanticView", table(tableType="SemanticView"), "1.13.6", "2.0.0"),
    ("tables", "HIERARCHYID", HIERARCHY, "1.9.17", "1.10.0"),
    ("tables", "MF4", table(fileFormat="MF4"), "1.10.14", "1.12.0"),
    ("tables", "Generated", table(tags=[{**LABEL, "labelType": "Generated"}]), "1.7.0", "1.7.1"),
    ("tables", "NOPE", table(columns=[{**COLUMN, "dataType": "NOPE"}]), "2.0.7", ""),
]
"""As above: a value of an enumeration in place of a field."""


@pytest.fixture(autouse=True)
def _above(schema: str, client: Client) -> None:
    """What the bodies lie below."""
    assert client.put("glossaries", json={"name": "g", "description": "d"}).is_success
    domain = {"name": "d", "domainType": "Aggregate", "description": "d"}
    assert client.put("domains", json=domain).is_success


def refused(answer: httpx.Response) -> str:
    """The message of a 400."""
    assert (answer.status_code, answer.json()["code"]) == (400, 400), answer.text
    return str(answer.json()["message"])


def says_why(version: str) -> bool:
    """Whether a version names what it cannot read."""
    return tuple(map(int, version.split("."))) < (1, 13)


@pytest.mark.parametrize(
    ("path", "field", "body", "before", "since", "chain"), FIELDS, ids=lambda part: str(part)[:20]
)
def test_fields(
    serve: Serve, path: str, field: str, body: Body, before: str, since: str, chain: str
) -> None:
    """A field is 400 in versions that do not know it, and stored by those that do."""
    told = refused(serve(version=before).put(path, json=body))
    if says_why(before):
        assert told.startswith(unrecognised(field))
        assert "not marked as ignorable (" in told
        assert told.endswith(")")
        assert chain in told
    else:
        assert told == HIDDEN
    if since:
        answer = serve(version=since).put(path, json=body)
        assert answer.is_success, answer.text


@pytest.mark.parametrize(
    ("path", "value", "body", "before", "since"), VALUES, ids=lambda part: str(part)[:20]
)
def test_values(serve: Serve, path: str, value: str, body: Body, before: str, since: str) -> None:
    """So is a value of an enumeration."""
    told = refused(serve(version=before).put(path, json=body))
    if says_why(before):
        assert told.startswith("Cannot construct instance of `org.openmetadata.schema.type.")
        assert no_value(value) in told
    else:
        assert told == HIDDEN
    if since:
        answer = serve(version=since).put(path, json=body)
        assert answer.is_success, answer.text


def test_as_recorded(serve: Serve) -> None:
    """A 1.6 server's own words, but for the order of fields and the place in the text."""
    old = serve(version="1.6.0")
    told = refused(old.put("tables", json=table(nope=1)))
    head, _, rest = told.partition("known properties: ")
    assert head.startswith(
        'Unrecognized field "nope" (class org.openmetadata.schema.api.data.CreateTable),'
        " not marked as ignorable (2"
    )
    names, _, place = rest.partition("])")
    assert {"owners", "domain", "tableType", "extension"} < set(names.replace('"', "").split(", "))
    assert "aliases" not in names
    assert place.startswith(
        "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION`"
    )
    chain = '(through reference chain: org.openmetadata.schema.api.data.CreateTable["nope"])'
    assert place.endswith(chain)
    told = refused(old.put("tables", json=table(columns=[{"name": "id", "dataType": "NOPE"}])))
    begin = (
        "Cannot construct instance of `org.openmetadata.schema.type.ColumnDataType`, problem: NOPE"
    )
    assert told.startswith(f"{begin}\n at [Source: ")
    assert told.endswith(
        '(through reference chain: org.openmetadata.schema.api.data.CreateTable["columns"]->'
        'java.util.ArrayList[0]->org.openmetadata.schema.type.Column["dataType"])'
    )


def test_one_bad_row(serve: Serve) -> None:
    """A batch with a row that cannot be read is refused as a whole: nothing of it is stored."""
    rows = [table(name="a"), table(name="b", aliases=["x"])]
    told = refused(serve(version="1.11.0").put("tables/bulk", json=rows))
    assert told.startswith(unrecognised("aliases"))
    assert "(through reference chain: java.util.ArrayList[1]->org.openmetadata" in told
    rows = [table(name="a"), table(name="b", nonsense=1)]
    assert refused(serve().put("tables/bulk", json=rows)) == HIDDEN
    assert serve().get("tables").json()["data"] == []


def test_open_classes(serve: Serve) -> None:
    """Details of lineage take fields that a version does not know, and lose them."""
    new, old = serve(), serve(version="1.6.0")
    ends = []
    for name in ("a", "b"):
        stored = new.put("tables", json=table(name=name)).json()
        ends.append({"id": stored["id"], "type": "table"})
    details = {"assetEdges": 7, "nonsense": 1, "sqlQuery": "select 1"}
    edge = {"edge": {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}}
    assert old.put("lineage", json=edge).status_code == 200
    path = f"lineage/getLineageEdge/{ends[0]['id']}/{ends[1]['id']}"
    shown = new.get(path).json()["edge"]
    assert ("assetEdges" in shown, "nonsense" in shown, shown["sqlQuery"]) == (
        *(False, False),
        "select 1",
    )
    misspelled = {**edge, "nonsense": 1}
    assert refused(old.put("lineage", json=misspelled)).startswith(unrecognised("nonsense"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "tables/{id}/sampleData", {"columns": ["c"], "rows": []}),
        ("PUT", "tables/{id}/tableProfile", {"tableProfile": {"timestamp": 1_750_000_000_000}}),
        ("PUT", "tables/{id}/joins", {"startDate": "2026-01-01", "dayCount": 1}),
        ("PUT", "tables/{id}/dataModel", {"modelType": "DBT"}),
        ("POST", "usage/table/{id}", {"date": "2026-01-01", "count": 1}),
        ("POST", "tables", {"name": "u", "databaseSchema": "svc.db.s", "columns": [COLUMN]}),
    ],
)
def test_every_body(serve: Serve, method: str, path: str, body: Body) -> None:
    """Whatever takes a body refuses what it does not know."""
    path = path.format(id=serve().put("tables", json=table()).json()["id"])
    for version in ("1.6.0", "2.0.7"):
        told = refused(serve(version=version).request(method, path, json={**body, "nope": 1}))
        assert told.startswith(unrecognised("nope") if says_why(version) else HIDDEN)


def test_one_domain_in_requests(serve: Serve) -> None:
    """Before 1.9 a request says one `domain`, which is stored as a newer one's `domains`."""
    stored = serve(version="1.6.0").put("tables", json=table(domain="d")).json()
    assert stored["domain"]["name"] == "d"
    path = "tables/name/svc.db.s.t?fields=domains"
    assert [one["name"] for one in serve().get(path).json()["domains"]] == ["d"]


def test_patches(serve: Serve) -> None:
    """A patch sets no field and no value that a version does not know."""
    new, old = serve(), serve(version="1.6.0")
    assert new.put("tables", json=table()).status_code == 201
    path = "tables/name/svc.db.s.t"
    for place, value, told in (
        ("/aliases", ["a"], unrecognised("aliases")),
        ("/nope", 1, unrecognised("nope")),
        ("/entityStatus", "Draft", unrecognised("entityStatus")),
        ("/columns/0/extension", {}, unrecognised("extension")),
        ("/tags/0", {**LABEL, "reason": "r"}, unrecognised("reason")),
        ("/tableType", "SemanticView", "Cannot construct instance of `"),
    ):
        change = {"op": "add", "path": place, "value": value}
        said = refused(old.json_patch(path, change))
        assert said.startswith(told), place
        chain = "(through reference chain: org.openmetadata.schema.entity.data.Table["
        assert f" at [Source: UNKNOWN; byte offset: #UNKNOWN] {chain}" in said
        if place != "/nope":
            assert new.json_patch(path, change).status_code == 200, place
    assert refused(new.json_patch(path, {"op": "add", "path": "/nope", "value": 1})) == HIDDEN


def test_what_is_shown(serve: Serve) -> None:
    """A version shows no fields and values that it does not know, though the catalog has them."""
    new, old = serve(), serve(version="1.6.0")
    body = table(
        aliases=["a"],
        tableType="SemanticView",
        columns=[{**COLUMN, "tags": [{**LABEL, "reason": "r"}]}],
    )
    assert new.put("tables", json=body).json()["aliases"] == ["a"]
    shown = old.get("tables/name/svc.db.s.t?fields=columns,tags").json()
    assert ("aliases" in shown, shown["tableType"]) == (False, "View")
    assert "reason" not in shown["columns"][0]["tags"][0]
    assert refused(old.get("tables?fields=aliases")) == "Invalid field name aliases"
    assert new.get("tables?fields=aliases").status_code == 200


def test_what_is_found(serve: Serve) -> None:
    """A search shows entities as the version does, and neither finds nor counts newer kinds."""
    new, old = serve(), serve(version="1.5.15")
    new.put("tables", json=table(aliases=["a"], domains=["d"], description="zebra")).json()
    new.put("metrics", json={"name": "m", "description": "zebra"})
    for client, kinds in ((new, ["metric", "table"]), (old, ["table"])):
        hits = client.get("search/query?q=zebra").json()["hits"]["hits"]
        found = {hit["_source"]["entityType"]: hit["_source"] for hit in hits}
        assert sorted(found) == kinds
        counts = client.get("system/entities/count").json()
        assert ("metricCount" in counts) is ("metric" in kinds)
    assert ("aliases" in found["table"], found["table"]["domain"]["name"]) == (False, "d")


def test_edges_that_are_shown(serve: Serve) -> None:
    """A 1.6 server shows no times and authors of edges; newer ones do."""
    new, old = serve(), serve(version="1.6.0")
    one, other = (new.put("tables", json=table(name=name)).json()["id"] for name in "ab")
    ends = {"fromEntity": {"id": one, "type": "table"}, "toEntity": {"id": other, "type": "table"}}
    assert new.put("lineage", json={"edge": ends}).status_code == 200
    for client, has_times in ((new, True), (old, False)):
        edge = client.get(f"lineage/getLineageEdge/{one}/{other}").json()["edge"]
        assert ("createdAt" in edge) is has_times
        (shown,) = client.get(f"lineage/table/{one}").json()["downstreamEdges"]
        assert ("createdBy" in shown["lineageDetails"]) is has_times


LATER = [
    ("services/databaseServices", "followers", "1.7.0", "1.8.0"),
    ("databases", "followers", "1.6.0", "1.8.0"),
    ("databaseSchemas", "certification", "1.5.0", "1.6.0"),
    ("domains", "votes", "1.12.0", "1.13.0"),
    ("domains", "childrenCount", "1.10.0", "1.11.0"),
    ("glossaries", "followers", "1.13.0", ""),
]
"""Fields that only entities have: collection, field, a version without it, one with it."""


@pytest.mark.parametrize(("path", "field", "before", "since"), LATER)
def test_fields_of_entities(serve: Serve, path: str, field: str, before: str, since: str) -> None:
    """A version has no fields that its entities do not have: neither shown nor asked for."""
    old = serve(version=before)
    (entity,) = old.get(f"{path}?fields=*").json()["data"]
    assert field not in entity
    assert refused(old.get(f"{path}?fields={field}")) == f"Invalid field name {field}"
    patch = {"op": "add", "path": "/displayName", "value": "new"}
    assert field not in old.json_patch(f"{path}/{entity['id']}", patch).json()
    if since:
        assert serve(version=since).get(f"{path}?fields={field}").status_code == 200
