"""Reports of a newsroom, as dashboards with data models and tags. OpenMetadata 1.3."""

from connector.parts.reports import ReportSource
from connector.parts.terms import terms
