"""Datadog monitors and downtimes as code."""

__version__ = "0.1.0"
