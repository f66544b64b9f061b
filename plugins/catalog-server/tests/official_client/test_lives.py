"""Every kind of entity that the official client has a route for, from first to last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

Step: TypeAlias = Callable[..., Any]

PARTS = {
    "databaseService": 1,
    "dashboardService": 1,
    "messagingService": 1,
    "pipelineService": 1,
    "mlmodelService": 1,
    "storageService": 1,
    "searchService": 1,
    "driveService": 1,
    "apiService": 1,
    "metadataService": 1,
    "securityService": 1,
    "mcpservice": 1,  # spelled so by the client
    "database": 2,
    "databaseSchema": 3,
    "table": 4,
    "storedProcedure": 4,
    "query": 2,
    "chart": 2,
    "dashboardDataModel": 2,
    "dashboard": 2,
    "topic": 2,
    "pipeline": 2,
    "mlmodel": 2,
    "container": 2,
    "searchIndex": 2,
    "apiCollection": 2,
    "apiEndpoint": 3,
    "directory": 2,
    "file": 2,
    "spreadsheet": 2,
    "worksheet": 3,
    "classification": 1,
    "tag": 2,
    "glossary": 1,
    "glossaryTerm": 2,
    "domain": 1,
    "dataProduct": 1,
    "metric": 1,
    "user": 1,
    "team": 1,
}
"""The kinds, and the number of names in their FQN."""
DESCRIBED = {"classification", "tag", "glossary", "glossaryTerm", "domain", "dataProduct"}
"""Cannot be created without a description."""
NEVER_HIDDEN = {"query", "domain", "dataProduct"}
"""Gone as soon as they are deleted."""
UNTAGGED = {"classification", "tag", "user", "team"}
UNOWNED = {"user"}
UNFOLLOWED = {
    *("apiCollection", "classification", "tag", "glossary", "glossaryTerm", "user", "team")
}
"""The client's models of these have no such field."""

NOT_IN_BULK = {
    *(kind for kind in PARTS if kind.lower().endswith("service")),
    *("classification", "tag", "glossary", "glossaryTerm", "domain", "dataProduct", "user", "team"),
}
"""Are sent one by one."""
NOT_SWEPT = {*NOT_IN_BULK, "query", "metric"}
"""Have no deletion of what was not seen."""

every_kind = pytest.mark.parametrize("kind", PARTS)


def name_of(kind: str) -> str:
    """The name of an entity as its FQN has it; user names are in lower case."""
    name = f'"{kind} é b/c.d"'
    return name.lower() if kind == "user" else name


def fqn_of(kind: str) -> str:
    """The FQN: every level has the same name."""
    names = [name_of(kind)] * PARTS[kind]
    if kind == "dashboardDataModel":
        names.insert(1, "model")
    return ".".join(names)


@every_kind
def test_created(seen: Step, kind: str) -> None:
    """A new entity has its FQN, quoted where it must be, and version 0.1."""
    assert seen("created", f"life of {kind}") == {"fqn": fqn_of(kind), "version": 0.1}


@every_kind
def test_created_again(seen: Step, kind: str) -> None:
    """The same request again changes nothing."""
    again = seen("created_again", f"life of {kind}")
    assert again == {"fqn": fqn_of(kind), "version": 0.1, "same": True}


@every_kind
def test_posted_again(seen: Step, kind: str) -> None:
    """To create what is there already is a conflict."""
    assert seen("posted_again", f"life of {kind}")["status"] == 409


@every_kind
def test_in_bulk(seen: Step, kind: str) -> None:
    """The same request in bulk is a success, for the kinds that have that."""
    assert seen("in_bulk", f"life of {kind}") == (None if kind in NOT_IN_BULK else "success")


@every_kind
def test_not_stale(seen: Step, kind: str) -> None:
    """What a run has seen in its service stays, for the kinds that have that."""
    assert seen("not_stale", f"life of {kind}") == (None if kind in NOT_SWEPT else 0)


@every_kind
def test_read_by_name(seen: Step, kind: str) -> None:
    """An entity is found by its FQN, with the fields that were asked for."""
    found = seen("by_name", f"life of {kind}")
    assert (found["fqn"], found["same"]) == (fqn_of(kind), True)
    assert "tags" not in found or found["tags"] == []


@every_kind
def test_read_by_id(seen: Step, kind: str) -> None:
    """An entity is found by its id."""
    found = seen("by_id", f"life of {kind}")
    assert (found["fqn"], found["same"]) == (fqn_of(kind), True)


@every_kind
def test_unknown(seen: Step, kind: str) -> None:
    """The client takes it that what the server does not know is not there."""
    assert seen("unknown", f"life of {kind}") == [None, None]


@every_kind
def test_referred_to(seen: Step, kind: str) -> None:
    """The client makes a reference out of what it reads."""
    expected = {"type": kind, "fqn": fqn_of(kind), "id": True}
    assert seen("reference", f"life of {kind}") == expected


@every_kind
def test_described(seen: Step, kind: str) -> None:
    """A description is patched where there was none, and replaced only if that is meant."""
    first = "As it was" if kind in DESCRIBED else "First"
    assert seen("described", f"life of {kind}") == [first, first, "Third"]


@every_kind
def test_tagged(seen: Step, kind: str) -> None:
    """Tags are added one by one, and taken away."""
    both = ["Sensitivity.Public", "Sensitivity.Secret"]
    expected = [] if kind in UNTAGGED else [both[:1], both, both[1:]]
    assert seen("tagged", f"life of {kind}") == expected


@every_kind
def test_owned(seen: Step, kind: str) -> None:
    """An owner is given to what has none."""
    assert seen("owned", f"life of {kind}") == ([] if kind in UNOWNED else ["ada"])


@every_kind
def test_in_a_domain(seen: Step, kind: str) -> None:
    """An entity is put into a domain."""
    assert seen("in_domain", f"life of {kind}") == ([] if kind == "domain" else ["Sales"])


@every_kind
def test_followed(seen: Step, kind: str) -> None:
    """A follower is added, and leaves."""
    expected = [] if kind in UNFOLLOWED else [["ada"], []]
    assert seen("followed", f"life of {kind}") == expected


@every_kind
def test_versions(seen: Step, kind: str) -> None:
    """Every version is kept, from the first to the present one."""
    history = seen("versions", f"life of {kind}")
    numbers = history["versions"]
    assert history["type"].lower() == kind.lower()
    assert len(numbers) >= 2
    assert numbers == sorted(numbers, reverse=True)
    assert history["first"] == {"fqn": fqn_of(kind), "version": 0.1}


@every_kind
def test_listed(seen: Step, kind: str) -> None:
    """An entity is in the list of its kind, and in that of its parent."""
    listed = seen("listed", f"life of {kind}")
    assert listed
    assert all(listed.values()), listed


@every_kind
def test_deleted(seen: Step, kind: str) -> None:
    """What was deleted is hidden; it is kept where the kind knows that state."""
    expected = {"hidden": True, "kept": kind not in NEVER_HIDDEN}
    assert seen("deleted", f"life of {kind}") == expected


@every_kind
def test_restored(seen: Step, kind: str) -> None:
    """What was hidden comes back as it was."""
    expected = {} if kind in NEVER_HIDDEN else {"same": True, "description": "Third"}
    assert seen("restored", f"life of {kind}") == expected


@every_kind
def test_gone(seen: Step, kind: str) -> None:
    """After a hard delete nothing is left."""
    assert seen("gone", f"life of {kind}") is True


def test_no_kind_is_left_out(seen: Step) -> None:
    """These are the kinds that the client's driver knows."""
    assert seen("kinds", "lives") == [f"life of {kind}" for kind in PARTS]
