"""A local Datadog for tests and demos: monitors and downtimes as the real API was recorded to answer.

`store` is pure: a state and a request give an answer and the changes to make. `server` puts it on HTTP.
"""
