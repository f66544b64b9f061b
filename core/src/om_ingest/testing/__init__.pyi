"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.testing.command import Command as Command, CommandResult as CommandResult
from om_ingest.testing.double import (
    OpenMetadataDouble as OpenMetadataDouble,
    StoreCall as StoreCall,
)
from om_ingest.testing.rules import RULES as RULES, SINK_RULES as SINK_RULES, Rule as Rule
from om_ingest.testing.suite import SinkSuite as SinkSuite, SourceSuite as SourceSuite
