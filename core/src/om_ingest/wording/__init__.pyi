"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.wording.paths import (
    models_in as models_in,
)
from om_ingest.wording.texts import (
    plain as plain,
)
from om_ingest.wording.validation import (
    Found as Found,
    described as described,
    findings as findings,
    told as told,
)
from om_ingest.wording.words import (
    MAPPING as MAPPING,
    words_for as words_for,
)
