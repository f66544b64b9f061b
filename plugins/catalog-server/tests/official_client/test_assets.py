"""Dashboards, topics, search indexes, containers, drives and models through the official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]


def test_dashboard(seen: Step) -> None:
    """A dashboard shows the charts and data models that are on it."""
    expected = {"charts": ["assets.bar", "assets.pie"], "data models": ["assets.model.cube"]}
    assert seen("dashboard") == expected


def test_dashboard_usage(seen: Step) -> None:
    """What a dashboard was used is added up over a day."""
    assert seen("dashboard_usage") == [4, 10]


def test_topic(seen: Step) -> None:
    """Fields of a topic's schema nest, and its messages come back as they were sent."""
    expected = {
        "field": "assets.assets.order.id",
        "stored": ["one", "two"],
        "read": ["one", "two"],
    }
    assert seen("topic") == expected


def test_search_index(seen: Step) -> None:
    """Sample documents of a search index come back as they were sent."""
    assert seen("search_index") == ['{"title": "x"}']


def test_containers(seen: Step) -> None:
    """Containers nest; their children are listed page by page, and the outermost alone."""
    containers = seen("containers")
    assert containers == {
        "fqn": 'assets.assets."a.b"',
        "parent": "assets.assets",
        "total": 2,
        "children": ['assets.assets."a.b"', "assets.assets.c"],
        "roots": ["assets.assets"],
    }


def test_container_data(seen: Step) -> None:
    """A container's columns are tagged, and a sample of its rows is kept."""
    expected = {
        "column": "assets.files.id",
        "tags": ["Sensitivity.Secret"],
        "rows": [[1], [2]],
    }
    assert seen("container_data") == expected


def test_drive(seen: Step) -> None:
    """Directories nest; files, spreadsheets and worksheets are where they were put."""
    drive = seen("drive")
    assert drive["fqns"] == [
        "assets.assets.in",
        'assets.assets.in."x.csv"',
        "assets.assets.in.book",
        "assets.assets.in.book.first",
    ]
    assert drive["columns"] == ['assets.assets.in."x.csv".id', "assets.assets.in.book.first.id"]
    assert drive["rows"] == [[1]]


def test_model(seen: Step) -> None:
    """A model has its features and parameters, and the dashboard that shows it."""
    expected = {
        "features": ["assets.assets.age"],
        "parameters": ["3"],
        "dashboard": "assets.assets",
    }
    assert seen("model") == expected
