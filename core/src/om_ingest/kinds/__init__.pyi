"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.kinds.columns import (
    misnamed_columns as misnamed_columns,
)
from om_ingest.kinds.comparing import (
    changed_fields as changed_fields,
    item_key as item_key,
)
from om_ingest.kinds.door import (
    encode as encode,
)
from om_ingest.kinds.edges import (
    EDGE_POLICIES as EDGE_POLICIES,
    KEPT_BY_SERVER as KEPT_BY_SERVER,
    settled_edge as settled_edge,
)
from om_ingest.kinds.identity import (
    Identity as Identity,
    Parcel as Parcel,
    Refusals as Refusals,
    identity_at as identity_at,
    identity_of as identity_of,
    level_of as level_of,
    parent_identity_of as parent_identity_of,
    scope_of as scope_of,
    target_identity_of as target_identity_of,
    type_of_scope as type_of_scope,
)
from om_ingest.kinds.kind import (
    EntityKind as EntityKind,
)
from om_ingest.kinds.lines import (
    decode as decode,
    label as label,
)
from om_ingest.kinds.policy import (
    CREATED_WITH as CREATED_WITH,
    KEEPING as KEEPING,
    NESTED_MEMBERS as NESTED_MEMBERS,
    NOT_STORED as NOT_STORED,
    TWO_SIDED as TWO_SIDED,
    Policy as Policy,
    not_stored as not_stored,
    overridable as overridable,
    policies as policies,
    policy_of as policy_of,
    storable as storable,
)
from om_ingest.kinds.request_form import (
    as_request as as_request,
)
from om_ingest.kinds.requests import (
    SERVICE_KINDS as SERVICE_KINDS,
    FieldPath as FieldPath,
    fqn_of as fqn_of,
    holders as holders,
    inside as inside,
    kind_of as kind_of,
    own_name as own_name,
    parent_of as parent_of,
    place_of as place_of,
    reference_paths as reference_paths,
    service_kind as service_kind,
    spell as spell,
    unknown_task as unknown_task,
)
from om_ingest.kinds.settling import (
    changes as changes,
    joined as joined,
    rivals as rivals,
    set_or_drop as set_or_drop,
    settled as settled,
)
from om_ingest.kinds.table import (
    KINDS as KINDS,
    SHARED_LINKS as SHARED_LINKS,
)
