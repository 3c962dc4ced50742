"""Datadog's message templates as values. Knows no YAML and no HTTP.

`read` makes a tree (`ddguard.templates.nodes`) of a text and never fails; the rest asks trees questions.
"""

from ddguard.templates.evaluation import Evaluation, evaluation
from ddguard.templates.handles import Handle, handles
from ddguard.templates.nodes import Mistake, Span, Template
from ddguard.templates.reader import read
from ddguard.templates.uses import Purpose, Use, calls, uses
from ddguard.templates.walking import Branch, Branches, sides, visit

__all__ = [
    "Branch",
    "Branches",
    "Evaluation",
    "Handle",
    "Mistake",
    "Purpose",
    "Span",
    "Template",
    "Use",
    "calls",
    "evaluation",
    "handles",
    "read",
    "sides",
    "uses",
    "visit",
]
