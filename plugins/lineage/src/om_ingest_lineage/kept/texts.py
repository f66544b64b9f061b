"""Results as text, and the fingerprints that tell whether they still hold."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from om_ingest_lineage.analysis.names import KnownTable, NamePart, Names
from om_ingest_lineage.analysis.results import (
    Analysis,
    ColumnEdge,
    Confidence,
    Doubt,
    TableEdge,
)


def fingerprint(*parts: str) -> bytes:
    """A digest of texts, for which no two lists of them are alike."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        coded = part.encode("utf-8", "surrogatepass")
        digest.update(len(coded).to_bytes(8, "big"))
        digest.update(coded)
    return digest.digest()


@functools.cache
def version() -> str:
    """What results depend on beside their statement: sqlglot, and the code of the analysis."""
    digest = hashlib.blake2b(digest_size=16)
    package = Path(__file__).parents[1]
    for folder in ("analysis", "scripts"):
        for module in sorted(package.joinpath(folder).glob("*.py")):
            digest.update(module.read_bytes())
    return f"{metadata.version('sqlglot')} {digest.hexdigest()}"


def answers_to(asked: Sequence[Sequence[NamePart]], names: Names) -> bytes:
    """A digest of what names mean: tables with their columns, or why there is none."""
    parts: list[str] = []
    for name in asked:
        answer = names.resolve(name)
        if isinstance(answer, KnownTable):
            parts += (answer.fqn, "\0".join(answer.columns))
        else:
            parts += (answer.value, "")
    return fingerprint(*parts)


def as_names(names: Sequence[Sequence[NamePart]]) -> str:
    """Names as JSON."""
    return json.dumps([[tuple(part) for part in name] for name in names], ensure_ascii=False)


def of_names(text: str) -> list[list[NamePart]]:
    """The reverse of `as_names`."""
    return [[NamePart(*part) for part in name] for name in json.loads(text)]


def as_text(analysis: Analysis) -> str:
    """A result as JSON."""
    told = {
        "edges": [
            (
                edge.source,
                edge.target,
                edge.confidence.value,
                [(list(item.sources), item.target, item.function) for item in edge.columns],
            )
            for edge in analysis.edges
        ],
        "doubts": [(doubt.what, doubt.reason) for doubt in analysis.doubts],
        "reads": list(analysis.reads),
        "writes": list(analysis.writes),
        "names": [[tuple(part) for part in name] for name in analysis.names],
        "columns": list(analysis.columns),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def of_text(text: str) -> Analysis | None:
    """The reverse of `as_text`; None for text of another form."""
    try:
        told = json.loads(text)
        return Analysis(
            edges=[
                TableEdge(
                    source, target, [ColumnEdge(*item) for item in columns], Confidence(confidence)
                )
                for source, target, confidence, columns in told["edges"]
            ],
            doubts=[Doubt(*doubt) for doubt in told["doubts"]],
            reads=told["reads"],
            writes=told["writes"],
            names=[[NamePart(*part) for part in name] for name in told["names"]],
            columns=told["columns"],
        )
    except (ValueError, TypeError, KeyError):
        return None
