"""Checks that reviewers trust: one file each, found by name or code, explained by their docstrings."""

from ddguard.checks.base import Check, Theme
from ddguard.checks.listing import CHECKS
from ddguard.checks.run import check_project

__all__ = ["CHECKS", "Check", "Theme", "check_project"]
