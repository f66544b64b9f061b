"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest_testing.command import Command as Command, CommandResult as CommandResult
from om_ingest_testing.double import (
    OpenMetadataDouble as OpenMetadataDouble,
    StoreCall as StoreCall,
)
from om_ingest_testing.rules import RULES as RULES, SINK_RULES as SINK_RULES, Rule as Rule
from om_ingest_testing.suite import SinkSuite as SinkSuite, SourceSuite as SourceSuite
