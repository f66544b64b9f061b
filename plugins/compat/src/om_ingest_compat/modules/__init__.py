"""The upstream modules and names that this plugin provides."""

from om_ingest_compat.modules.facade import provided as provided
