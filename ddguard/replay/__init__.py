"""Runs series through monitors and says what Datadog would do.

`evaluate` (in `ddguard.replay.evaluate`) is the way in; `docs/evaluator.md` says rule by rule what is exact, what is
assumed and what is refused. This room is the only user of numpy and of python-dateutil.
"""
