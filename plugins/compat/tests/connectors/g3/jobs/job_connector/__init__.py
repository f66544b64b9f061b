"""Jobs of a scheduler, as pipelines. OpenMetadata 1.7."""

from job_connector.metadata import JobSource
