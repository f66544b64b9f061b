"""JSON Patch (RFC 6902) and JSON Pointer (RFC 6901)."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given, strategies as st
from om_ingest_catalog.patching.json_patch import PatchError, apply, tokens_of

# document, operations, result: appendix A of RFC 6902, in its order
EXAMPLES: list[tuple[Any, list[dict[str, Any]], Any]] = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "q"}], {"foo": "bar", "baz": "q"}),
    (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["a", "b", "c"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["a", "c"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [
            {"op": "test", "path": "/baz", "value": "qux"},
            {"op": "test", "path": "/foo/1", "value": 2},
        ],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    (
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}},
    ),
    (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}],
        {"foo": "bar", "baz": "qux"},
    ),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    (
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
    # Beyond the appendix.
    ({"a": 1}, [{"op": "replace", "path": "", "value": [1]}], [1]),
    ({"a": 1}, [{"op": "add", "path": "", "value": None}], None),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": 1.0}], {"a": 1}),
    ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
    ({"": {"": 1}}, [{"op": "replace", "path": "//", "value": 2}], {"": {"": 2}}),
    ({"a": None}, [{"op": "test", "path": "/a", "value": None}], {"a": None}),
    (
        {"a": [1]},
        [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/b/-", "value": 2}],
        {"a": [1], "b": [1, 2]},
    ),
]


@pytest.mark.parametrize(("document", "operations", "result"), EXAMPLES)
def test_operations_do_what_the_rfc_says(document: Any, operations: Any, result: Any) -> None:
    """Every example of RFC 6902 that succeeds has the result given there."""
    assert apply(document, operations) == result


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"op": "test", "path": "/baz", "value": "bar"}, "nothing at '/baz'"),
        ({"op": "test", "path": "/flag", "value": 1}, "the test failed"),
        ({"op": "test", "path": "/foo", "value": ["bar", "baz"]}, "the test failed"),
        ({"op": "add", "path": "/baz/bat", "value": "qux"}, "nothing at '/baz'"),
        ({"op": "add", "path": "/foo/2", "value": 1}, "nothing can be added"),
        ({"op": "add", "path": "/foo/01", "value": 1}, "nothing can be added"),
        ({"op": "add", "path": "/foo/+1", "value": 1}, "nothing can be added"),
        ({"op": "add", "path": f"/foo/{'1' * 5000}", "value": 1}, "nothing can be added"),
        ({"op": "add", "path": "/flag/x", "value": 1}, "nothing can be added"),
        ({"op": "replace", "path": "/foo/-", "value": 1}, "nothing at '/foo/-'"),
        ({"op": "replace", "path": "/foo/-1", "value": 1}, "nothing at '/foo/-1'"),
        ({"op": "remove", "path": "/foo/1"}, "nothing at '/foo/1'"),
        ({"op": "remove", "path": ""}, "whole document"),
        ({"op": "move", "from": "/map", "path": "/map/in"}, "into itself"),
        ({"op": "move", "path": "/map/in"}, "'from' is missing"),
        ({"op": "copy", "from": "/nope", "path": "/a"}, "nothing at '/nope'"),
        ({"op": "add", "path": "/a"}, "'value' is missing"),
        ({"op": "add", "value": 1}, "'path' is missing"),
        ({"op": "add", "path": "a", "value": 1}, "no JSON Pointer"),
        ({"op": "add", "path": "/~2", "value": 1}, "no JSON Pointer"),
        ({"op": "add", "path": None, "value": 1}, "no JSON Pointer"),
        ({"op": "spam", "path": "/a"}, "op is 'spam'"),
        ({"op": ["add"], "path": "/a"}, "op is"),
        ("add", "it is no object"),
    ],
)
def test_what_does_not_fit_is_refused(operation: Any, reason: str) -> None:
    """An operation that cannot be applied is reported with its number; nothing is changed."""
    document = {"foo": ["bar"], "flag": True, "map": {"in": {}}}
    before = copy.deepcopy(document)
    first = {"op": "add", "path": "/first", "value": 1}
    with pytest.raises(PatchError, match="Operation 1 of the JSON Patch") as caught:
        apply(document, [first, operation])
    assert reason in caught.value.what
    assert document == before


@pytest.mark.parametrize("operations", [{}, None, "x", {"op": "add"}])
def test_a_patch_is_an_array(operations: Any) -> None:
    """A patch must be an array of operations."""
    with pytest.raises(PatchError, match="array of operations"):
        apply({}, operations)


def test_copies_of_copies_come_to_an_end() -> None:
    """A short patch that grows the document exponentially is refused."""
    document = {"text": "x" * 1000}
    with pytest.raises(PatchError, match="JSON"):
        apply(document, [{"op": "copy", "from": "", "path": f"/{i}"} for i in range(60)])


# The evaluations of RFC 6901, section 5.
POINTERS = [
    ("", []),
    ("/foo", ["foo"]),
    ("/foo/0", ["foo", "0"]),
    ("/", [""]),
    ("/a~1b", ["a/b"]),
    ("/m~0n", ["m~n"]),
    ("/c%d", ["c%d"]),
    ("/~01", ["~1"]),
    ("/ ", [" "]),
]


@pytest.mark.parametrize(("pointer", "tokens"), POINTERS)
def test_pointers_are_read_as_the_rfc_says(pointer: str, tokens: list[str]) -> None:
    """Every example of RFC 6901 is resolved as given there."""
    assert tokens_of(pointer) == tokens


def test_a_pointer_begins_with_a_slash() -> None:
    """Anything else is refused."""
    with pytest.raises(PatchError, match="no JSON Pointer"):
        tokens_of("foo")


NAMES = st.sampled_from(["a", "b", "", "/", "~", "~1", "0", "-", "é"])
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)


def written(tokens: list[Any]) -> str:
    return "".join("/" + str(t).replace("~", "~0").replace("/", "~1") for t in tokens)


def places(value: Any, tokens: list[Any]) -> list[tuple[list[Any], Any]]:
    """Every place in a document with the value there, the whole document first."""
    found = [(tokens, value)]
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for name, inner in items:
        found += places(inner, [*tokens, name])
    return found


@given(data=st.data(), document=DOCUMENTS, value=VALUES)
def test_replacing_and_replacing_back_changes_nothing(
    data: st.DataObject, document: Any, value: Any
) -> None:
    """At every place, what is replaced is found there, and can be put back."""
    tokens, old = data.draw(st.sampled_from(places(document, [])))
    path = written(tokens)
    there = [
        {"op": "test", "path": path, "value": old},
        {"op": "replace", "path": path, "value": value},
        {"op": "test", "path": path, "value": value},
    ]
    back = [{"op": "replace", "path": path, "value": old}]
    assert apply(apply(document, there), back) == document


@given(data=st.data(), document=DOCUMENTS, value=VALUES)
def test_adding_and_removing_changes_nothing(
    data: st.DataObject, document: Any, value: Any
) -> None:
    """What is added at any position of a list, or as a new member, can be removed again."""
    holders = [place for place in places(document, []) if isinstance(place[1], dict | list)]
    tokens, holder = data.draw(st.sampled_from(holders))
    if isinstance(holder, list):
        token: Any = data.draw(st.integers(0, len(holder)))
    else:
        token = data.draw(NAMES.filter(lambda name: name not in holder) | st.just("new"))
    path = written([*tokens, token])
    added = apply(document, [{"op": "add", "path": path, "value": value}])
    assert apply(added, [{"op": "test", "path": path, "value": value}]) == added
    assert apply(added, [{"op": "remove", "path": path}]) == document


@given(data=st.data(), document=DOCUMENTS)
def test_moving_is_removing_and_adding(data: st.DataObject, document: Any) -> None:
    """A move to a new member has the result of a remove and an add; a copy keeps the source."""
    tokens, value = data.draw(st.sampled_from(places(document, [])[1:]))
    source = written(tokens)
    moved = apply(document, [{"op": "move", "from": source, "path": "/new"}])
    by_hand = [{"op": "remove", "path": source}, {"op": "add", "path": "/new", "value": value}]
    assert moved == apply(document, by_hand)
    copied = apply(document, [{"op": "copy", "from": source, "path": "/new"}])
    assert copied == {**document, "new": value}


OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "x"])},
        optional={
            "path": st.lists(NAMES, max_size=3).map(written) | SCALARS,
            "from": st.lists(NAMES, max_size=3).map(written) | SCALARS,
            "value": VALUES,
        },
    ),
    max_size=5,
)


@given(document=VALUES, operations=OPERATIONS)
def test_a_patch_is_applied_or_refused(document: Any, operations: Any) -> None:
    """Any input has a result or raises `PatchError`; arguments are not changed."""
    before = copy.deepcopy((document, operations))
    with contextlib.suppress(PatchError):
        apply(document, operations)
    assert (document, operations) == before
