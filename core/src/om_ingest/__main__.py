"""`python -m om_ingest` is `om-ingest`."""

import sys

# Python puts the working directory first for -m, unless told not to: what lies there must
# not be found by accident. om_ingest itself is imported by now.
if not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

from om_ingest.program import main

main()
