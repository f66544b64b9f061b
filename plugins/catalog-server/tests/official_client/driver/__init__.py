"""Runs inside the official client's environment: calls it, and prints what it answered as JSON.

Nothing here asserts or imports om_ingest; the tests beside this package read what is printed.
"""
