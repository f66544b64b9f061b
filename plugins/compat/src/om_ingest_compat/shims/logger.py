"""Loggers: `metadata.utils.logger`. What they write passes the host's handlers and its masking."""

from __future__ import annotations

import logging
from enum import Enum
from typing import Any

METADATA_LOGGER = "metadata"
BASE_LOGGING_FORMAT = "[%(asctime)s] %(levelname)-8s {%(name)s:%(module)s:%(lineno)d} - %(message)s"


class Loggers(Enum):
    """Names of the loggers, below `metadata`."""

    OMETA = "metadata.OMetaAPI"
    CLI = "metadata.Metadata"
    PROFILER = "metadata.Profiler"
    SAMPLER = "metadata.Sampler"
    PII = "metadata.PII"
    INGESTION = "metadata.Ingestion"
    UTILS = "metadata.Utils"
    GREAT_EXPECTATIONS = "metadata.GreatExpectations"
    PROFILER_INTERFACE = "metadata.ProfilerInterface"
    TEST_SUITE = "metadata.TestSuite"
    DATA_INSIGHT = "metadata.DataInsight"
    QUERY_RUNNER = "metadata.QueryRunner"
    APP = "metadata.App"


class ANSI(Enum):
    """Colours of a terminal."""

    BRIGHT_RED = "\x1b[31;1m"
    BOLD = "\x1b[1m"
    BRIGHT_CYAN = "\x1b[36;1m"
    YELLOW = "\x1b[33;1m"
    GREEN = "\x1b[32;1m"
    ENDC = "\x1b[0m"
    BLUE = "\x1b[34;1m"
    MAGENTA = "\x1b[35;1m"


def _logger(which: Loggers) -> Any:
    def get() -> logging.Logger:
        return logging.getLogger(which.value)

    get.__doc__ = f"The logger `{which.value}`."
    return get


ometa_logger = _logger(Loggers.OMETA)
cli_logger = _logger(Loggers.CLI)
profiler_logger = _logger(Loggers.PROFILER)
sampler_logger = _logger(Loggers.SAMPLER)
pii_logger = _logger(Loggers.PII)
test_suite_logger = _logger(Loggers.TEST_SUITE)
profiler_interface_registry_logger = _logger(Loggers.PROFILER_INTERFACE)
ingestion_logger = _logger(Loggers.INGESTION)
utils_logger = _logger(Loggers.UTILS)
great_expectations_logger = _logger(Loggers.GREAT_EXPECTATIONS)
data_insight_logger = _logger(Loggers.DATA_INSIGHT)
query_runner_logger = _logger(Loggers.QUERY_RUNNER)
app_logger = _logger(Loggers.APP)


def set_loggers_level(level: int | str = logging.INFO) -> None:
    """Without effect: the user sets the level, by `--log-level` or `loggerLevel`."""


def log_ansi_encoded_string(
    color: ANSI | None = None, bold: bool = False, message: str = "", level: int = logging.INFO
) -> None:
    """Log a message; the host decides on colours."""
    utils_logger().log(level, message)


def redacted_config(config: dict[str, Any]) -> dict[str, Any]:
    """The config as it is: the host masks secrets in everything that is logged."""
    return config


def get_log_name(record: Any) -> str | None:
    """What a record is called in logs: `CreateTableRequest [orders]`."""
    from om_ingest_compat.shims.entities import text_of

    named = record if hasattr(record, "name") else getattr(record, "entity", None)
    name = getattr(named, "name", None)
    return str(record) if name is None else f"{type(record).__name__} [{text_of(name)}]"
