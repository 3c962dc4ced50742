"""History from elsewhere: series out of Prometheus or Datadog, ready to be replayed; values of a variable side by side.

This room is the only user of requests.
"""
