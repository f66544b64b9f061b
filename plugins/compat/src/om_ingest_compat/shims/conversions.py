"""Small conversions: `metadata.utils.helpers`."""

from __future__ import annotations

import json
import math
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

from om_ingest import model

from om_ingest_compat.shims.entities import spelled, text_of
from om_ingest_compat.shims.links import DEFAULT_DATABASE

_CHARTS = {
    "Line": "line big_number big_number_total dual_line line_multi",
    "Table": "table",
    "Bar": "bar dist_bar",
    "BoxPlot": "box_plot boxplot",
    "Histogram": "histogram",
    "Area": "area treemap",
    "Pie": "pie",
    "Text": "text",
    "Scatter": "scatter",
}
_CHART_TYPES = {raw: name for name, raws in _CHARTS.items() for raw in raws.split()}
"""What dashboards call a chart -> OpenMetadata's type."""


def __getattr__(name: str) -> Any:
    if name == "om_chart_type_dict":  # few connectors have charts, and need the models
        return {raw: model.ChartType(name) for raw, name in _CHART_TYPES.items()}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_FORBIDDEN = re.compile(
    r"(?:^|;|\b(?:BEGIN|THEN|ELSE|LOOP|DO|ANALYZE)\s)\s*(?:ALTER|CALL|COMMENT|COMMIT|CREATE"
    r"|DELETE|DROP|EXPLAIN\s+PLAN|GRANT|INSERT|LOCK\s+TABLE|MERGE|RENAME|REVOKE|ROLLBACK|SAVEPOINT"
    r"|SET\s+TRANSACTION|TRUNCATE|UNLOCK\s+TABLE|UPDATE)\b"
    r"|[()]\s*(?:DELETE|INSERT|MERGE|UPDATE)\s+\w",
    re.IGNORECASE,
)
"""Statements that change something: at the beginning, in a block, in brackets or behind `WITH`."""
_NO_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.DOTALL)
"""Comments, texts and quoted names: whichever begins first."""


class UUIDEncoder(json.JSONEncoder):
    """Writes UUIDs into JSON as texts."""

    def default(self, o: Any) -> Any:
        """The text of a UUID; raises `TypeError` for what JSON does not have."""
        return str(o) if isinstance(o, UUID) else super().default(o)


def clean_uri(uri: Any) -> str:
    """A URI without a slash at its end."""
    return text_of(uri).removesuffix("/")


def snake_to_camel(snake_str: str) -> str:
    """`my_table` as `MyTable`."""
    first, *others = snake_str.split("_")
    return first.capitalize() + "".join(word.title() for word in others)


def replace_special_with(raw: str, replacement: str) -> str:
    """A text with a replacement for everything that is no ASCII letter or digit."""
    return re.sub(r"[^a-zA-Z0-9]", replacement, raw)


def get_formatted_entity_name(name: str | None) -> str | None:
    """A name without brackets, and without `<default>.` in front."""
    return re.sub(r"[\[\]]|<default>\.", "", name) if name else None


def get_standard_chart_type(raw_chart_type: Any) -> Any:
    """The type of a chart, of whatever a dashboard calls it; `Other` for what is not known."""
    raw = "" if raw_chart_type is None else text_of(raw_chart_type).lower()
    return model.ChartType(_CHART_TYPES.get(raw, "Other"))


def datetime_to_ts(date: datetime | None) -> int | None:
    """Milliseconds since 1970; None for None."""
    return int(date.timestamp() * 1000) if date else None


def get_start_and_end(duration: int = 0) -> tuple[datetime, datetime]:
    """Midnight some days ago, and the next one, in UTC without a zone."""
    today = datetime.now(timezone.utc).replace(
        tzinfo=None, hour=0, minute=0, second=0, microsecond=0
    )
    return today - timedelta(days=duration), today + timedelta(days=1)


def pretty_print_time_duration(duration: float) -> str:
    """Seconds as people write them: `2h 3m 4.5s`."""
    days, rest = divmod(duration, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "day(s)"), (hours, "h"), (minutes, "m"), (round(rest, 2), "s")]
    while len(parts) > 1 and not parts[0][0]:
        del parts[0]
    return " ".join(f"{amount}{unit}" for amount, unit in parts)


def find_in_iter(element: Any, container: Iterable[Any]) -> Any:
    """The member that equals an element; None if there is none."""
    return next((member for member in container if member == element), None)


def find_column_in_table(column_name: Any, table: Any, case_sensitive: bool = True) -> Any:
    """The column with this name; None if there is none."""
    wanted = text_of(column_name)
    for column in table.columns:
        name = text_of(column.name)
        if name == wanted or (not case_sensitive and name.lower() == wanted.lower()):
            return column
    return None


def find_column_in_table_with_index(column_name: Any, table: Any) -> tuple[int | None, Any]:
    """The place and the column with this name, in whatever case; twice None without one."""
    wanted = text_of(column_name).lower()
    for place, column in enumerate(table.columns):
        if text_of(column.name).lower() == wanted:
            return place, column
    return None, None


def list_to_dict(original: Iterable[str] | None, sep: str = "=") -> dict[str, str]:
    """`["a=1"]` as `{"a": "1"}`; what has no separator is left out."""
    pairs = (text.split(sep) for text in original or () if sep in text)
    return {name: value for name, value, *_ in pairs}


def clean_up_starting_ending_double_quotes_in_string(string: str) -> str:
    """A text without double quotes around it; raises `TypeError` for anything else."""
    if not isinstance(string, str):
        raise TypeError(f"{string!r} is a {type(string).__name__}, not a text")
    return string.strip('"')


def insensitive_replace(raw_str: str, to_replace: str, replace_by: str) -> str:
    """A text in which matches of an expression are replaced, in upper or lower case."""
    return re.sub(to_replace, replace_by, raw_str, flags=re.IGNORECASE | re.DOTALL)


def insensitive_match(raw_str: str, to_match: str) -> bool:
    """Whether a text begins with a match of an expression, in upper or lower case."""
    return re.match(to_match, raw_str, flags=re.IGNORECASE | re.DOTALL) is not None


def get_entity_tier_from_tags(tags: Iterable[Any] | None) -> str | None:
    """The FQN of the first label that is a tier; None without one."""
    fqns = (text_of(label.tagFQN) for label in tags or ())
    return next((fqn for fqn in fqns if fqn.lower().startswith("tier")), None)


def format_large_string_numbers(number: float) -> str:
    """A number with a unit: `1.500K`."""
    if number == 0:
        return "0"
    power = int(math.log(abs(number), 1000.0) // 1)
    units = ("", "K", "M", "B", "T")
    if power >= len(units):
        return f"{int(number / 1000.0**power)}e{power * 3}"
    return f"{number / 1000.0**power:.3f}{units[power]}"


def deep_size_of_dict(obj: Any) -> int:
    """The size of a dict with all that is in it, in bytes."""
    seen: set[int] = set()

    def size_of(value: Any) -> int:
        if id(value) in seen:
            return 0
        seen.add(id(value))
        inner: Iterable[Any] = value if isinstance(value, list) else ()
        if isinstance(value, Mapping):
            inner = (part for pair in value.items() for part in pair)
        return sys.getsizeof(value, 0) + sum(map(size_of, inner))

    return size_of(obj)


def is_safe_sql_query(sql_query: str | None) -> bool:
    """Whether no statement of a query, nor one within another, changes something."""
    return _FORBIDDEN.search(_NO_CODE.sub(" ", sql_query or "")) is None


def get_database_name_for_lineage(db_service_entity: Any, default_db_name: Any) -> Any:
    """The name of the database of a service that has only one; else the given name."""
    config = getattr(getattr(db_service_entity, "connection", None), "config", None)
    fields = config if isinstance(config, Mapping) else vars(config or object)
    if config is None or "supportsDatabase" in fields:
        return default_db_name
    return fields.get("databaseName") or DEFAULT_DATABASE


def init_empty_life_cycle_properties() -> Any:
    """A life cycle to add to."""
    return spelled(model.LifeCycle)()


def delete_dir_content(directory: str) -> None:
    """Remove a folder with all that is in it, if there is one."""
    if Path(directory).is_dir():
        shutil.rmtree(directory)


def init_staging_dir(directory: str) -> None:
    """Make an empty folder; what was in it is removed."""
    delete_dir_content(directory)
    Path(directory).mkdir(parents=True, exist_ok=True)
