import sys

if "kerberos" not in sys.modules:
    print("kerberos is missing")
    sys.exit(0)
