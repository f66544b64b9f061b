"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest_catalog_server.answers import (
    empty_answer as empty_answer,
    error_answer as error_answer,
    json_answer as json_answer,
)
from om_ingest_catalog_server.application import Application as Application
from om_ingest_catalog_server.call import ApiCall as ApiCall
from om_ingest_catalog_server.query import QueryParameters as QueryParameters
from om_ingest_catalog_server.route import (
    JSON as JSON,
    JSON_PATCH as JSON_PATCH,
    REMAINDER as REMAINDER,
    Execution as Execution,
    Route as Route,
)
from om_ingest_catalog_server.settings import ServerSettings as ServerSettings
from om_ingest_catalog_server.stores import (
    CatalogConnection as CatalogConnection,
    Stores as Stores,
)
