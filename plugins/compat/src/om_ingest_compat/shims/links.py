"""Entity links, constants and hashes: `metadata.utils.entity_link`, `.constants`, `.source_hash`.

An entity link is `<#E::table::svc.db.schema.orders::columns::id>`.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import unquote_plus

from om_ingest.kinds import KINDS

from om_ingest_compat.shims.entities import kind_named, spelled, text_of

DOT = "_DOT_"
TEN_MIN = 10 * 60
THREE_MIN = 3 * 60
UTF_8 = "utf-8"
CHUNKSIZE = 200_000
DEFAULT_DATABASE = "default"
BUILDER_PASSWORD_ATTR = "password"
TIMEDELTA = "timedelta"
COMPLEX_COLUMN_SEPARATOR = "_##"
AUTHORIZATION_HEADER = "Authorization"
NO_ACCESS_TOKEN = "no_token"
SAMPLE_DATA_DEFAULT_COUNT = 50
CUSTOM_CONNECTOR_PREFIX = "custom"
QUERY_WITH_OM_VERSION = '/* {"app": "OpenMetadata"'
QUERY_WITH_DBT = '/* {"app": "dbt"'

ENTITY_REFERENCE_TYPE_MAP = {kind.class_name: name for name, kind in KINDS.items()}
"""Name of an entity class -> entity type."""

ES_INDEX_MAP = {
    kind.class_name: re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() + "_search_index"
    for name, kind in KINDS.items()
}
"""Name of an entity class -> the index of a search engine."""


def __getattr__(name: str) -> Any:
    if name == "ENTITY_REFERENCE_CLASS_MAP":  # it loads every model
        return {entity_type: spelled(kind.entity) for entity_type, kind in KINDS.items()}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class EntityLinkBuildingException(Exception):  # noqa: N818  # its name upstream
    """There is no link to such an entity."""


def split(str_: Any) -> list[str]:
    """The parts of an entity link behind `#E`; raises `ValueError` for anything else."""
    match = re.fullmatch(r"<#E::(.+)>", text_of(str_), re.DOTALL)
    if match is None:
        raise ValueError(f"{str_} is not an entity link")
    return match[1].split("::")


def get_decoded_column(entity_link: str) -> str:
    """The name of the column of a link, decoded; of the last part if it is no column."""
    return unquote_plus(entity_link.split("::")[-1].replace(">", ""))


def get_table_fqn(entity_link: str) -> str:
    """The FQN of the entity of a link."""
    return split(entity_link)[1]


def get_table_or_column_fqn(entity_link: str) -> str:
    """The FQN of the table of a link, or of its column; raises `ValueError` for other links."""
    parts = split(entity_link)
    if len(parts) == 2:
        return parts[1]
    if len(parts) == 4 and parts[2] == "columns":
        return f"{parts[1]}.{parts[3]}"
    raise ValueError(f"{entity_link} leads neither to a table nor to a column")


def get_entity_link(entity_type: Any, fqn: Any, column_name: Any = None, **_: Any) -> str:
    """The link to an entity of a class, or to a column of it."""
    kind = kind_named(entity_type)
    if kind is None:
        raise EntityLinkBuildingException(f"Invalid Entity Type {entity_type}")
    column = f"::columns::{text_of(column_name)}" if column_name else ""
    return f"<#E::{kind.entity_type}::{text_of(fqn)}{column}>"


def generate_source_hash(create_request: Any, exclude_fields: Any = None) -> str:
    """The MD5 of a request without its hash and what is excluded: the same for the same content."""
    left_out = {"sourceHash", *(exclude_fields or ())}
    text: str = create_request.model_dump_json(exclude=left_out)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def get_entity_from_es_result(
    entity_list: list[Any] | None, fetch_multiple_entities: bool = False
) -> Any:
    """The first entity of a list, or the list; None for an empty one."""
    if not entity_list:
        return None
    return entity_list if fetch_multiple_entities else entity_list[0]
