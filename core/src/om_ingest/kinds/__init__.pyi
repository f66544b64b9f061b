"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.kinds.identity import (
    Identity as Identity,
)
from om_ingest.kinds.identity import (
    identity_at as identity_at,
)
from om_ingest.kinds.identity import (
    identity_of as identity_of,
)
from om_ingest.kinds.identity import (
    level_of as level_of,
)
from om_ingest.kinds.identity import (
    parent_identity_of as parent_identity_of,
)
from om_ingest.kinds.kind import (
    EntityKind as EntityKind,
)
from om_ingest.kinds.lines import (
    decode as decode,
)
from om_ingest.kinds.lines import (
    encode as encode,
)
from om_ingest.kinds.lines import (
    label as label,
)
from om_ingest.kinds.pointers import (
    FieldPath as FieldPath,
)
from om_ingest.kinds.pointers import (
    holders as holders,
)
from om_ingest.kinds.pointers import (
    pointer_paths as pointer_paths,
)
from om_ingest.kinds.requests import (
    SERVICE_KINDS as SERVICE_KINDS,
)
from om_ingest.kinds.requests import (
    fqn_of as fqn_of,
)
from om_ingest.kinds.requests import (
    kind_of as kind_of,
)
from om_ingest.kinds.requests import (
    own_name as own_name,
)
from om_ingest.kinds.requests import (
    parent_of as parent_of,
)
from om_ingest.kinds.requests import (
    place_of as place_of,
)
from om_ingest.kinds.requests import (
    service_kind as service_kind,
)
from om_ingest.kinds.table import (
    KINDS as KINDS,
)
