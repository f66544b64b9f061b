"""Reads a JSON file into entries, from which requests are made."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from om_ingest import Entity, SourceError
from om_ingest.config import summary
from om_ingest.model import CreateRequest, Model
from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    if sys.version_info >= (3, 11):
        from importlib.resources.abc import Traversable
    else:
        from importlib.abc import Traversable

Folder: TypeAlias = "Path | Traversable"
"""A folder on disk, or one inside an installed distribution, zipped or not."""

ModelT = TypeVar("ModelT", bound=BaseModel)
TaggedT = TypeVar("TaggedT", bound=Model)
RequestT = TypeVar("RequestT", bound=CreateRequest)


def read(folder: Folder, name: str) -> dict[str, Any]:
    """The JSON object in one file.

    Raises `SourceError` if there is no such file, or it holds anything else.
    """
    document = read_optional(folder, name)
    if document is None:
        raise SourceError(
            f"There is no file {folder.joinpath(name)}",
            "Put service.json, database.json and tables.json into the folder that "
            "sample_schema_folder names.",
        )
    return document


def read_optional(folder: Folder, name: str) -> dict[str, Any] | None:
    """The JSON object in one file, or None when there is no such file.

    Raises `SourceError` if the file holds anything else.
    """
    path = folder.joinpath(name)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(
            f"Cannot read {path}: {error.strerror}", "Make it a readable file."
        ) from None
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{path}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}",
            "Correct the file at this place.",
        ) from None
    except (ValueError, RecursionError) as error:  # wrong encoding, absurd numbers or depth
        raise SourceError(f"{path} is not JSON: {error}", "Write it as UTF-8 JSON.") from None
    if not isinstance(document, dict):
        raise SourceError(f"{path} holds no JSON object", "Start the file with {.")
    return document


def objects(holder: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    """The list of objects below `key`; raises `SourceError` if it is anything else."""
    values = holder.get(key)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise SourceError(
            f"{where}: {key!r} must be a list of objects", f'Write "{key}": [{{…}}, {{…}}].'
        )
    return values


def only(holder: Mapping[str, Any], key: str, where: str) -> None:
    """Raise `SourceError` if there is any key but `key`."""
    if unknown := sorted(holder.keys() - {key}):
        raise SourceError(
            f"{where}: unknown key {', '.join(map(repr, unknown))}", f"The only key is {key!r}."
        )


def checked(model: type[ModelT], values: Mapping[str, Any], where: str) -> ModelT:
    """`values` as a model; raises `SourceError` with every wrong key."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise SourceError(
            f"{where}: {summary(error, model)}", "Correct these keys; the README lists them."
        ) from None


@dataclass(frozen=True)
class Entry:
    """One object of a file, on its way to a request."""

    where: str
    """File and name, e.g. `tables.json, table shop.orders`."""

    values: dict[str, Any]
    """The fields of the request, without its parent, as they stand in the file."""

    ignored: tuple[str, ...] = ()
    """Keys of the file that are left out."""

    @classmethod
    def of(
        cls,
        kind: type[CreateRequest],
        stored: type[Entity],
        where: str,
        values: Mapping[str, Any],
        *more: str,
    ) -> Entry:
        """The entry in `values`, without its parent and the keys that only a server sets.

        These (`id`, `href`, `version` …) are the fields of the stored entity that the
        request lacks; files exported from a server contain them. `more` names further
        keys to ignore.
        """
        server_keys = stored.model_fields.keys() - kind.model_fields.keys()
        ignored = server_keys | {*more, kind.parent_field}
        return cls(
            where,
            {key: value for key, value in values.items() if key not in ignored},
            tuple(sorted(values.keys() & ignored)),
        )

    def request(self, kind: type[RequestT], **parent: Any) -> RequestT:
        """The request below `parent`; raises `SourceError` with every wrong key."""
        return checked(kind, {**self.values, **parent}, self.where)


def without_tags(model: TaggedT) -> TaggedT:
    """A copy of a request or column without tags, down to the innermost column."""
    update: dict[str, Any] = {"tags": None} if "tags" in type(model).model_fields else {}
    for key in ("columns", "children"):
        if columns := getattr(model, key, None):
            update[key] = [without_tags(column) for column in columns]
    return model.with_valid(**update)
