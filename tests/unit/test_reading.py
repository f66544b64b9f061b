"""Text of a workflow file → data, with the place of every key."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from om_ingest import WorkflowError
from om_ingest.errors import Problem
from om_ingest.workflow.reading import MAX_BYTES, parse, read_document

YAML = """\
source:
  type: shop
  list:
  - a: 1
  -   b: 2
"""
JSON = """\
{"source":
  {"type": "shop",
\t"list": [{"a": 1},
    {"b": 2}]}}
"""
TOML = """\
[source]
type = "shop"
[[source.list]]
a = 1
[source."quoted key"]
b.c = 2
"""


def places(text: str, name: str) -> dict[str, tuple[int, int]]:
    document = parse(text, name)
    return {".".join(map(str, path)): place for path, place in document.positions.items()}


def test_places_in_yaml() -> None:
    """Lines and columns count from 1, and items of lists have places, too."""
    assert places(YAML, "x.yaml") == {
        "source": (1, 1),
        "source.type": (2, 3),
        "source.list": (3, 3),
        "source.list.0": (4, 5),
        "source.list.0.a": (4, 5),
        "source.list.1": (5, 7),
        "source.list.1.b": (5, 7),
    }


def test_places_in_json() -> None:
    """JSON has the same places, tabs between its tokens included."""
    found = places(JSON, "x.json")
    assert found["source.type"] == (2, 4)
    assert found["source.list.0.a"] == (3, 12)
    assert found["source.list.1.b"] == (4, 6)


def test_places_in_toml() -> None:
    """Tables and keys of TOML have places."""
    found = places(TOML, "x.toml")
    assert found["source"] == (1, 1)
    assert found["source.type"] == (2, 1)
    assert found["source.quoted key.b.c"] == (6, 1)


def test_problem_without_a_place_of_its_own() -> None:
    """A problem about a key that is not there stands at the nearest key above."""
    document = parse(YAML, "x.yaml")
    said = document.locate(Problem(("source", "config", "port"), "required"))
    assert said == "x.yaml:1:1: source.config.port: required"
    assert document.locate(Problem((), "empty")) == "x.yaml: config: empty"


def test_problems_in_the_order_of_the_file() -> None:
    """Several problems are one error, sorted by place, and kept as they are."""
    document = parse(YAML, "x.yaml")
    problems = [Problem(("source", "list"), "second"), Problem(("source", "type"), "first")]
    error = document.error(problems)
    assert error.what.splitlines() == [
        "The workflow has 2 problems:",
        "  x.yaml:2:3: source.type: first",
        "  x.yaml:3:3: source.list: second",
    ]
    assert error.problems == tuple(problems)


@pytest.mark.parametrize("text", [YAML, JSON], ids=["yaml", "json"])
def test_standard_input_needs_no_ending(text: str) -> None:
    """Without a known ending a text that opens with a brace is JSON, any other YAML."""
    assert parse(text, "<stdin>").data["source"]["type"] == "shop"


def test_json_that_yaml_cannot_read() -> None:
    """JSON that is no YAML is read all the same; only its places are lost."""
    document = parse('{"source": "\x7f"}', "x.json")
    assert document.data == {"source": "\x7f"}
    assert document.positions == {}


def test_merge_keys_are_no_duplicates() -> None:
    """YAML's `<<` may bring a key that is given again below."""
    text = "base: &base {a: 1}\nsource:\n  <<: *base\n  a: 2\n"
    document = parse(text, "x.yaml")
    assert document.data["source"] == {"a": 2}
    assert document.problems == []


def test_endless_aliases() -> None:
    """A YAML file that contains itself is an error at once."""
    for text in ("a: &a [*a]", "a: &a {b: {c: *a}}"):
        with pytest.raises(WorkflowError, match="aliases"):
            parse(text, "x.yaml")


@given(st.text(max_size=40), st.sampled_from([".yaml", ".json", ".toml", ""]))
def test_any_text(text: str, ending: str) -> None:
    """Whatever stands in a file, it is a mapping or a `WorkflowError`."""
    with contextlib.suppress(WorkflowError):
        assert isinstance(parse(text, "x" + ending).data, dict)


@given(st.recursive(st.text(max_size=3), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_any_depth(data: object) -> None:
    """Places never get in the way of reading JSON, whatever it holds."""
    assert parse(json.dumps({"x": data}), "x.json").data == {"x": data}


def test_deep_nesting() -> None:
    """Nesting that no parser survives is an error of syntax."""
    for name, text in (("x.json", '{"a":' * 100_000), ("x.yaml", "[" * 100_000)):
        with pytest.raises(WorkflowError):
            parse(text, name)


def test_file_that_is_too_large(tmp_path: Path) -> None:
    """A file beyond the limit is data, not a workflow."""
    path = tmp_path / "x.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(WorkflowError, match="larger than 8 MiB"):
        read_document(str(path))


def test_keys_are_texts() -> None:
    """A key is a text as it is written, in YAML as in JSON: `no` and `2024` are none there."""
    document = parse("no: 1\n2024: {1.5: x, ~: y}\n2024-01-01: z\n'on': 2\n", "x.yaml")
    assert document.data == {"no": 1, "2024": {"1.5": "x", "~": "y"}, "2024-01-01": "z", "on": 2}
    assert document.positions[("2024", "~")] == (2, 16)


def test_merged_keys_have_places() -> None:
    """What `<<` brings stands where it is written, and what is given beside it at its own place."""
    text = "b: &b {x: 1, y: {z: 2}}\nc: &c {x: 3}\nsource:\n  <<: [*b, *c]\n  y: 4\n"
    found = places(text, "x.yaml")
    assert found["source.x"] == (1, 8)
    assert found["source.y"] == (5, 3)
    assert "source.y.z" not in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {{ name }}", "x.yaml:1:5: a mapping is no key; where {{ a template }} was meant"),
        ("a: !secret", "x.yaml:1:4: this tag is unknown; put a value that begins with ! in quotes"),
        ("a: *secret", "x.yaml:1:4: this alias is unknown; put a value that begins with * in"),
    ],
)
def test_words_for_syntax(text: str, said: str) -> None:
    """What a template, a tag or a password leaves in YAML is told with the way out, unshown."""
    with pytest.raises(WorkflowError) as caught:
        parse(text, "x.yaml")
    assert caught.value.what.startswith(said)
    assert "secret" not in caught.value.what
