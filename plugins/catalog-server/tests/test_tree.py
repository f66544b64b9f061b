"""Routing."""

from __future__ import annotations

import pytest
from om_ingest_catalog_server.route import not_implemented
from om_ingest_catalog_server.routes import all_routes
from om_ingest_catalog_server.tree import RouteTree
from starlette.exceptions import HTTPException

TREE = RouteTree(all_routes())


def values(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The path of the route, and its parameters."""
    route, found = TREE.find(method, path.encode())
    return route.path, found


@pytest.mark.parametrize(
    ("path", "fqn"),
    [
        ("tables/name/s.d.x.t", "s.d.x.t"),
        ("tables/name/s.d.x.%22a%2Fb.c%22", 's.d.x."a/b.c"'),
        ('tables/name/s."d.x"', 's."d.x"'),
        ("tables/name/%C3%A9%20x+y", "é x+y"),
        ("tables/name/é", "é"),
        ("tables/name/%2525", "%25"),
        ("tables/name/a%zz", "a%zz"),
        ("tables/name/bulk", "bulk"),
        ("tables/name/..", ".."),
    ],
)
def test_segments_are_decoded_after_routing(path: str, fqn: str) -> None:
    """An encoded slash is part of a name; a name is decoded once."""
    assert values("GET", path) == ("tables/name/{fqn}", {"fqn": fqn})


def test_a_slash_at_the_end() -> None:
    """One slash at the end of a path makes no difference."""
    assert values("GET", "tables/") == ("tables", {})
    assert values("GET", "tables/name/s.t/") == ("tables/name/{fqn}", {"fqn": "s.t"})


def test_spelled_out_segments_win() -> None:
    """A literal segment takes precedence over a parameter."""
    assert values("PUT", "tables/bulk")[0] == "tables/bulk"
    assert values("DELETE", "tables/bulk") == ("tables/{id}", {"id": "bulk"})
    assert values("GET", "users/loggedInUser")[0] == "users/loggedInUser"


def test_every_route_is_found_by_its_own_path() -> None:
    """No route hides another."""
    for route in all_routes():
        path = route.path.replace("{", "v-").replace("}", "")
        assert TREE.find(route.method, path.encode()).route == route


def test_a_rest_stands_for_all_that_follows() -> None:
    """A path that ends in `{rest}` matches all deeper paths without a route of their own."""
    tree = RouteTree(
        not_implemented("GET", path, "") for path in ("a", "a/{rest}", "a/{b}/c", "a/d")
    )
    for path, fits in (("a", "a"), ("a/d", "a/d"), ("a/x/c", "a/{b}/c")):
        assert tree.find("GET", path.encode()).route.path == fits
    for path, rest in (("a/x", "x"), ("a/d/e", "d/e"), ("a/x/c/%2F/y", "x/c///y")):
        assert tree.find("GET", path.encode()).values == {"rest": rest}
    for path, status in (("a//", 404), ("a/x//y", 404), ("b/x", 404)):
        with pytest.raises(HTTPException) as caught:
            tree.find("GET", path.encode())
        assert caught.value.status_code == status


def test_two_routes_with_one_path() -> None:
    """A second route with the same method and path raises `ValueError`."""
    with pytest.raises(ValueError, match="two routes GET a/"):
        RouteTree([not_implemented("GET", "a/{b}", ""), not_implemented("GET", "a/{b}", "")])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("GET", "", 404),
        ("GET", "tables//", 404),
        ("GET", "tables/name//", 404),
        ("GET", "tables/name/a/b", 404),
        ("PUT", "services/databaseServices/bulk", 405),
        ("PUT", "users/bulk", 405),
        ("DELETE", "tables", 405),
        ("BREW", "tables", 405),
        ("GET", "tables/name/%FF", 400),
    ],
)
def test_nothing_found(method: str, path: str, status: int) -> None:
    """An unknown path is 404, a known one with another method 405, no UTF-8 400."""
    with pytest.raises(HTTPException) as caught:
        TREE.find(method, path.encode())
    assert caught.value.status_code == status
    if status == 405:
        assert caught.value.headers is not None
        assert method not in caught.value.headers["Allow"].split(", ")
