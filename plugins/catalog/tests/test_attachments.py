"""Attachments of entities, yielded by sources and over REST (contract §3.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from om_ingest.errors import NotFoundError, RecordError
from om_ingest.kinds import KINDS
from om_ingest.model import (
    AddSampleDataRequest,
    AddTableProfileRequest,
    CreateUserRequest,
    EntityReference,
    Record,
    Table,
    User,
)
from om_ingest.model.entity import CreateRequest
from om_ingest_catalog import Attachments, Catalog, Collection

T = "s.d.x.t"
NOW = 1_700_000_000_000
DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def attachments(catalog: Catalog, table: Any) -> Attachments:
    """A catalog with the table `s.d.x.t`, columns `a` and `b.c` with `d` in it, and users."""
    inner = {"name": "d", "dataType": "INT"}
    struct = {"name": "b.c", "dataType": "STRUCT", "children": [inner]}
    columns = [{"name": "a", "dataType": "INT"}, struct]
    people = [CreateUserRequest(name=n, email=f"{n}@example.com") for n in ("ann", "bob")]
    catalog.write([table(columns=columns), *people])
    return Attachments(catalog)


@pytest.fixture
def full(one_of_each: list[Record]) -> Iterator[Catalog]:
    """A catalog with one entity of every kind."""
    with Catalog.temporary() as catalog:
        catalog.write(one_of_each)
        yield catalog


def shown(catalog: Catalog, *fields: str) -> dict[str, Any]:
    """The table with the requested fields, as the collection of tables shows it."""
    return Collection(catalog, KINDS["table"]).get(T, fields=set(fields)).entity


def test_samples_are_replaced_and_removed(catalog: Catalog, attachments: Attachments) -> None:
    """Sample rows replace the old ones, come back by field, and leave the version alone."""
    attachments.put_sample_data("table", T, {"columns": ["a"], "rows": [[1], [2]]})
    rows = {"columns": ["a", "b.c"], "rows": [[None, {"d": 1}], ["é", []]]}
    assert attachments.put_sample_data("table", T, rows)["sampleData"] == rows
    assert shown(catalog, "sampleData")["sampleData"] == rows
    assert "sampleData" not in shown(catalog)
    assert attachments.sample_data("table", T)["sampleData"] == rows
    assert shown(catalog)["version"] == 0.1
    assert "sampleData" not in attachments.delete_sample_data("table", T)
    assert "sampleData" not in attachments.delete_sample_data("table", T)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"columns": ["z"], "rows": []}, r"s\.d\.x\.t has no column z"),
        ({"columns": ["a"], "rows": [[1, 2]]}, "a sample row has 2 values for 1 columns"),
        ({"messages": ["m"]}, "messages is no field"),
        ({"columns": "a"}, "columns must be an array"),
        ([], "must be an object"),
    ],
)
def test_samples_that_do_not_fit(attachments: Attachments, body: Any, said: str) -> None:
    """Samples of unknown columns, or with rows of another length, are refused with a reason."""
    with pytest.raises(RecordError, match=said):
        attachments.put_sample_data("table", T, body)


@pytest.mark.parametrize(
    ("entity_type", "fqn", "body"),
    [
        ("topic", "messagingService.topic", {"messages": ["one", "two"]}),
        ("searchIndex", "searchService.searchIndex", {"messages": ["{}"]}),
        ("container", "storageService.container", {"columns": ["col.a"], "rows": [[1]]}),
    ],
)
def test_samples_of_every_kind(
    full: Catalog, entity_type: str, fqn: str, body: dict[str, Any]
) -> None:
    """Topics and search indexes have messages, containers have rows."""
    attachments = Attachments(full)
    assert attachments.put_sample_data(entity_type, fqn, body)["sampleData"] == body
    collection = Collection(full, KINDS[entity_type])
    assert collection.get(fqn, fields={"sampleData"}).entity["sampleData"] == body
    with pytest.raises(RecordError):
        attachments.put_sample_data(entity_type, fqn, {"columns": ["z"], "messages": []})


def test_what_has_no_samples(full: Catalog) -> None:
    """A kind without samples, usage, followers or votes refuses them, and says so."""
    attachments = Attachments(full)
    with pytest.raises(RecordError, match="a dashboard has no sampleData"):
        attachments.put_sample_data("dashboard", "dashboardService.dashboard", {})
    with pytest.raises(RecordError, match="the use of a user is not counted"):
        attachments.put_usage("user", "user", {"date": "2024-01-01", "count": 1})
    with pytest.raises(RecordError, match="a user has no followers"):
        attachments.follow("user", "user", "user")
    with pytest.raises(RecordError, match="a user has no votes"):
        attachments.vote("user", "user", "user", "votedUp")


def test_missing_and_deleted_entities(catalog: Catalog, attachments: Attachments) -> None:
    """Attachments of missing and deleted entities can be neither stored nor read."""
    catalog.delete(Table, T)
    for name in (T, "s.d.x.none"):
        with pytest.raises(NotFoundError, match=f"table instance for {name} not found"):
            attachments.put_sample_data("table", name, {})
        with pytest.raises(NotFoundError):
            attachments.sample_data("table", name)
    with pytest.raises(NotFoundError):
        attachments.put_joins(T, {"startDate": "2024-01-01"})


def test_a_hard_delete_takes_everything_along(
    catalog: Catalog, attachments: Attachments, table: Any
) -> None:
    """Attachments are gone when an entity is created again; a soft delete keeps them."""
    attachments.put_sample_data("table", T, {"columns": ["a"], "rows": [[1]]})
    catalog.delete(Table, T)
    catalog.restore(Table, T)
    assert "sampleData" in attachments.sample_data("table", T)
    catalog.delete(Table, T, hard=True)
    catalog.write([table()])
    assert "sampleData" not in attachments.sample_data("table", T)


def profile(at: int, row_count: int, **more: Any) -> dict[str, Any]:
    return {"tableProfile": {"timestamp": at, "rowCount": row_count}, **more}


def test_profiles_by_time(catalog: Catalog, attachments: Attachments) -> None:
    """Profiles come back latest first, from a range that includes its ends; the latest is shown."""
    for day in (1, 3, 2):
        attachments.put_table_profile(T, profile(NOW + day * DAY, day))
    assert shown(catalog, "profile")["profile"]["rowCount"] == 3
    assert [found["rowCount"] for found in attachments.profiles(T)] == [3, 2, 1]
    found = attachments.profiles(T, "table", NOW + DAY, NOW + 2 * DAY)
    assert [one["rowCount"] for one in found] == [2, 1]
    attachments.put_table_profile(T, profile(NOW + 3 * DAY, 33))
    assert shown(catalog, "profile")["profile"]["rowCount"] == 33
    attachments.delete_profile(T, "table", NOW + 3 * DAY)
    assert shown(catalog, "profile")["profile"]["rowCount"] == 2
    with pytest.raises(NotFoundError):
        attachments.delete_profile(T, "table", NOW + 3 * DAY)


def test_defaults_of_profiles_and_runs_are_shown_and_not_stored(full: Catalog) -> None:
    """A file holds what was said, as those of older releases do: the same again is no change."""
    attachments, said = Attachments(full), {"timestamp": NOW, "rowCount": 1}
    table = next(full.list_entities(Table)).fullyQualifiedName
    body = {"table": table, "profile": {"tableProfile": said}}
    record = AddTableProfileRequest.model_validate(body)
    step = {"name": "Source", "records": 4}
    run = {"runId": "r", "timestamp": NOW, "status": [step]}
    attachments.put_run_status("databaseService.ingestionPipeline", run)
    outcomes = [full.write([record])[0].outcome.value for _ in range(2)]
    assert outcomes == ["created", "unchanged"]
    stored = dict(full.file.query("SELECT name, body FROM attachment"))
    assert json.loads(stored["tableProfile"]) == said
    assert json.loads(stored["pipelineStatuses"]) == run
    assert attachments.profiles(table) == [{"profileSampleType": "PERCENTAGE", **said}]
    shown = attachments.run_statuses("databaseService.ingestionPipeline")[0]["status"][0]
    assert (shown["records"], shown["errors"], shown["failures"]) == (4, 0, [])


def test_profiles_of_columns_and_statements(attachments: Attachments) -> None:
    """A column is found by name, path or FQN at any depth; statements differ by operation."""
    names = ["a", '"b.c".d', f'{T}."b.c"']
    columns = [{"name": name, "timestamp": NOW, "max": name} for name in names]
    system = [{"timestamp": NOW, "operation": op, "rowsAffected": 1} for op in ("INSERT", "DELETE")]
    body = profile(NOW, 1, columnProfile=columns, systemProfile=[*system, system[0]])
    attachments.put_table_profile(T, body)
    assert attachments.profiles(f'{T}."b.c".d', "column") == [columns[1]]
    assert attachments.profiles('"s".d.x.t."b.c"', "column") == [columns[2]]
    assert attachments.profiles(T, "system") == [system[1], system[0]]
    latest = attachments.latest_profile(T)
    a, outer = latest["columns"]
    assert latest["profile"]["rowCount"] == 1
    assert [a["profile"], outer["profile"]] == [columns[0], columns[2]]
    assert outer["children"][0]["profile"] == columns[1]
    attachments.delete_profile(f"{T}.a", "column", NOW)
    assert attachments.profiles(f"{T}.a", "column") == []
    with pytest.raises(NotFoundError):
        attachments.profiles("s.d.x.none.a", "column")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"columnProfile": [{"name": "z", "timestamp": NOW}]}, "has no column z"),
        ({"columnProfile": [{"name": "a", "timestamp": 1_700_000_000}]}, "in milliseconds"),
        ({"systemProfile": [{"operation": "INSERT"}]}, "systemProfile: timestamp is missing"),
        ({"systemProfile": [{"timestamp": 0}]}, "in milliseconds"),
        ({"columnProfile": [{"name": "a"}]}, r"columnProfile\.0\.timestamp must not be null"),
    ],
)
def test_a_profile_is_stored_whole_or_not_at_all(
    attachments: Attachments, more: dict[str, Any], said: str
) -> None:
    """One invalid column or timestamp refuses the whole profile."""
    with pytest.raises(RecordError, match=said):
        attachments.put_table_profile(T, profile(NOW, 1, **more))
    assert attachments.profiles(T) == []


def test_a_refused_record_leaves_nothing_in_its_batch(
    catalog: Catalog, attachments: Attachments
) -> None:
    """A record with one invalid part stores nothing; the other records of the batch are stored."""
    wrong = profile(NOW, 1, columnProfile=[{"name": "a", "timestamp": 5}])
    records = [
        AddTableProfileRequest.model_validate({"table": T, "profile": body})
        for body in (wrong, profile(NOW + DAY, 2))
    ]
    assert [result.outcome.value for result in catalog.write(records)] == ["failed", "created"]
    assert [found["rowCount"] for found in attachments.profiles(T)] == [2]


def test_statuses_of_tasks(full: Catalog) -> None:
    """A run may name tasks that the pipeline has; another one refuses the run, by both names."""
    attachments, fqn = Attachments(full), "pipelineService.pipeline"
    run = {"timestamp": NOW, "executionStatus": "Failed"}
    tasks = [{"name": "load", "executionStatus": "Failed"}]
    attachments.put_pipeline_status(fqn, {**run, "taskStatus": tasks})
    tasks.append({"name": "loot", "executionStatus": "Failed"})
    with pytest.raises(RecordError, match=r"pipelineService\.pipeline has no task loot; yield"):
        attachments.put_pipeline_status(fqn, {**run, "timestamp": NOW + 1, "taskStatus": tasks})
    assert len(attachments.pipeline_statuses(fqn)) == 1


def test_usage_of_a_day_week_and_month(catalog: Catalog, attachments: Attachments) -> None:
    """POST sets a day, PUT adds to it; week and month are sums of the days up to the latest."""

    def use(date: str, count: int, *, add: bool = False) -> dict[str, Any]:
        body = {"date": date, "count": count}
        summary: dict[str, Any] = attachments.put_usage("table", T, body, add=add)["usageSummary"]
        return summary

    assert "usageSummary" not in shown(catalog, "usageSummary")
    use("2024-03-31", 5)
    use("2024-03-31", 1)
    use("2024-03-25", 10)
    use("2024-03-24", 100)
    use("2024-03-02", 1000)
    use("2024-03-01", 10_000)
    summary = use("2024-03-31", 2, add=True)
    assert summary == {
        "date": "2024-03-31",
        "dailyStats": {"count": 3},
        "weeklyStats": {"count": 13},
        "monthlyStats": {"count": 1113},
    }
    assert shown(catalog, "usageSummary")["usageSummary"] == summary


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"date": "2024-02-30", "count": 1}, "'2024-02-30' is no date"),
        ({"date": "20240201", "count": 1}, "'20240201' is no date"),
        ({"date": "2024-02-01", "count": -1}, "count is -1"),
        ({"date": "2024-02-01"}, "count must not be null"),
    ],
)
def test_usage_that_cannot_be(attachments: Attachments, body: dict[str, Any], said: str) -> None:
    """A day must be a valid date, YYYY-MM-DD, and a count must not be negative."""
    with pytest.raises(RecordError, match=said):
        attachments.put_usage("table", T, body)


def test_percentiles(catalog: Catalog, attachments: Attachments, table: Any) -> None:
    """A rank is the share of other entities used less; it is removed when counts change."""
    names = ["t", "u", "v", "w", "unused"]
    catalog.write([table(name=name) for name in names])
    for name, count in zip(names, (5, 1, 5, 9), strict=False):
        attachments.put_usage("table", f"s.d.x.{name}", {"date": "2024-01-08", "count": count})
    attachments.put_usage("table", "s.d.x.u", {"date": "2024-01-02", "count": 100})
    attachments.put_usage("table", "s.d.x.unused", {"date": "2023-12-31", "count": 1})
    attachments.put_usage("database", "s.d", {"date": "2024-01-08", "count": 7})
    assert attachments.compute_percentiles("table", "2024-01-08") == 4

    def ranks(name: str) -> list[float | None]:
        document = Collection(catalog, KINDS["table"]).get(f"s.d.x.{name}", fields={"usageSummary"})
        stats = document.entity["usageSummary"]
        return [stats[f"{span}Stats"].get("percentileRank") for span in ("daily", "weekly")]

    assert [ranks(name)[0] for name in names[:4]] == [33.33, 0, 33.33, 100]
    assert [ranks(name)[1] for name in names[:4]] == [0, 100, 0, 66.67]
    attachments.put_usage("table", "s.d.x.u", {"date": "2024-01-02", "count": 1})
    assert ranks("u") == [None, None]
    assert ranks("t")[0] == 33.33
    assert attachments.compute_percentiles("table", "1999-01-01") == 0


def test_joins_are_added_up(catalog: Catalog, attachments: Attachments) -> None:
    """Joins of several days are summed, most frequent first; a second PUT replaces a day."""

    def joins(day: str, **counts: int) -> dict[str, Any]:
        joined = [{"fullyQualifiedName": f"s.d.x.u.{n}", "joinCount": c} for n, c in counts.items()]
        columns = [{"columnName": "a", "joinedWith": joined}]
        tables = [{"fullyQualifiedName": "s.d.x.u", "joinCount": 1}]
        return {"startDate": day, "columnJoins": columns, "directTableJoins": tables}

    attachments.put_joins(T, joins("2023-12-01", e=100))
    attachments.put_joins(T, joins("2024-01-01", e=99))
    attachments.put_joins(T, joins("2024-01-01", e=1, f=2))
    found = attachments.put_joins(T, joins("2024-01-03", e=4))["joins"]
    ((column),) = found["columnJoins"]
    assert [(one["fullyQualifiedName"], one["joinCount"]) for one in column["joinedWith"]] == [
        ("s.d.x.u.e", 5),
        ("s.d.x.u.f", 2),
    ]
    assert found["directTableJoins"] == [{"fullyQualifiedName": "s.d.x.u", "joinCount": 2}]
    assert (found["startDate"], found["dayCount"]) == ("2024-01-01", 3)
    assert shown(catalog, "joins")["joins"] == found
    for wrong in ({"startDate": "x"}, {"startDate": "2024-01-01", "dayCount": 0}):
        with pytest.raises(RecordError):
            attachments.put_joins(T, wrong)
    with pytest.raises(RecordError, match="has no column z"):
        attachments.put_joins(T, {"startDate": "2024-01-01", "columnJoins": [{"columnName": "z"}]})


def test_data_model_and_profiler_config(
    catalog: Catalog, attachments: Attachments, table: Any
) -> None:
    """Both are shown with the table, make no version, and survive a PUT of the table."""
    model = {"modelType": "DBT", "sql": "select 1"}
    config = {"profileQuery": "select 2"}
    assert attachments.put_data_model(T, model)["dataModel"] == model
    assert attachments.put_profiler_config(T, config)["tableProfilerConfig"] == config
    columns = [{"name": "a", "dataType": "INT"}]
    catalog.write([table(columns=columns, description="new")])
    found = shown(catalog, "dataModel", "tableProfilerConfig")
    assert (found["dataModel"], found["tableProfilerConfig"]) == (model, config)
    assert attachments.profiler_config(T)["tableProfilerConfig"] == config
    assert "tableProfilerConfig" not in attachments.delete_profiler_config(T)
    with pytest.raises(RecordError, match="modelType must not be null"):
        attachments.put_data_model(T, {})
    with pytest.raises(RecordError, match="Not an object: list"):
        attachments.put_profiler_config(T, [])  # type: ignore[arg-type]  # on purpose


def test_custom_metrics(catalog: Catalog, attachments: Attachments) -> None:
    """A metric belongs to the table or to a column, and its name identifies it there."""
    attachments.put_custom_metric(T, {"name": "m", "expression": "1"})
    attachments.put_custom_metric(T, {"name": "m", "expression": "2"})
    attachments.put_custom_metric(T, {"name": "m", "expression": "3", "columnName": '"b.c".d'})
    found = shown(catalog, "customMetrics", "columns")
    assert [metric["expression"] for metric in found["customMetrics"]] == ["2"]
    (metric,) = found["columns"][1]["children"][0]["customMetrics"]
    assert metric["expression"] == "3"
    left = attachments.delete_custom_metric(T, "m", '"b.c".d')
    assert "customMetrics" not in left["columns"][1]["children"][0]
    assert "customMetrics" not in attachments.delete_custom_metric(T, "m")
    with pytest.raises(NotFoundError):
        attachments.delete_custom_metric(T, "m")
    with pytest.raises(RecordError, match="name is missing"):
        attachments.put_custom_metric(T, {"expression": "1"})


def test_followers_and_votes(catalog: Catalog, attachments: Attachments) -> None:
    """Users follow and vote once each, and may withdraw; deleted users are not shown."""
    attachments.follow("table", T, "ann")
    attachments.follow("table", T, "bob")
    assert [user["name"] for user in attachments.follow("table", T, "ann")["followers"]] == [
        "ann",
        "bob",
    ]
    assert [user["name"] for user in attachments.unfollow("table", T, "ann")["followers"]] == [
        "bob"
    ]
    attachments.vote("table", T, "ann", "votedUp")
    attachments.vote("table", T, "ann", "votedDown")
    votes = attachments.vote("table", T, "bob", "votedUp")["votes"]
    assert (votes["upVotes"], votes["downVotes"]) == (1, 1)
    assert [user["name"] for user in votes["downVoters"]] == ["ann"]
    assert attachments.vote("table", T, "ann", "unVoted")["votes"]["downVotes"] == 0
    catalog.delete(User, "bob")
    assert shown(catalog, "followers", "votes")["followers"] == []
    catalog.delete(User, "bob", hard=True)
    catalog.write([CreateUserRequest(name="bob", email="bob@example.com")])
    found = shown(catalog, "followers", "votes")
    assert (found["followers"], found["votes"]["upVotes"]) == ([], 0)
    with pytest.raises(NotFoundError, match="user instance for nobody not found"):
        attachments.follow("table", T, "nobody")
    with pytest.raises(RecordError, match="'maybe' is no vote"):
        attachments.vote("table", T, "ann", "maybe")  # type: ignore[arg-type]  # on purpose


def test_result_of_a_connection_test(catalog: Catalog, attachments: Attachments) -> None:
    """A service shows the result of its last connection test; other kinds have none."""
    result = {"status": "Successful", "steps": []}
    shown = attachments.put_test_connection("databaseService", "s", result)
    assert shown["testConnectionResult"] == result
    with pytest.raises(RecordError, match="A table has no connection"):
        attachments.put_test_connection("table", T, result)


def test_tags_of_a_state_depend_on_what_is_shown(
    catalog: Catalog, attachments: Attachments
) -> None:
    """The strong tag changes when attachments that are shown change."""
    collection = Collection(catalog, KINDS["table"])
    before = [collection.get(T, fields={name}).etag for name in ("sampleData", "tags")]
    attachments.put_sample_data("table", T, {"columns": ["a"], "rows": [[1]]})
    after = [collection.get(T, fields={name}).etag for name in ("sampleData", "tags")]
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_values_that_json_does_not_have(catalog: Catalog, attachments: Attachments) -> None:
    """A sample with a value that JSON cannot represent fails alone."""
    record = AddSampleDataRequest(
        entity=EntityReference(type="table", fullyQualifiedName=T),
        sampleData={"columns": ["a"], "rows": [[object()]]},  # type: ignore[arg-type]  # pydantic takes JSON
    )
    (result,) = catalog.write([record])
    assert result.outcome.value == "failed"
    assert result.reason.startswith("Cannot be written as JSON: sampleData.rows[0][0]: ")


def test_every_kind_can_be_asked_for_everything(full: Catalog, one_of_each: list[Record]) -> None:
    """`fields=*` shows each kind in a form that its model accepts."""
    for record in one_of_each:
        assert isinstance(record, CreateRequest)
        kind = KINDS[record.entity_type]
        (entity,) = Collection(full, kind).page(fields={"*"}).entities[:1]
        assert kind.entity.model_validate(entity).name == record.name
