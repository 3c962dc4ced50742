"""Datadog's monitor queries as values. Knows no YAML and no HTTP."""
