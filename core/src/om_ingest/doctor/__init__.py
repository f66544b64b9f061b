"""What is wrong with the installation, and what to do about it."""

from om_ingest.doctor.checks import diagnose, is_healthy
from om_ingest.doctor.finding import ERROR, WARNING, Finding
from om_ingest.doctor.trial import Trial, try_import

__all__ = ["ERROR", "WARNING", "Finding", "Trial", "diagnose", "is_healthy", "try_import"]
