"""Checks that reviewers trust: one file each, found by name or code, explained by their docstrings."""

from ddguard.checks.base import Check, Rule, Theme
from ddguard.checks.in_files import file_rules
from ddguard.checks.listing import CHECKS, OF_TEXTS, RULES
from ddguard.checks.run import Extent, check_project

__all__ = ["CHECKS", "OF_TEXTS", "RULES", "Check", "Extent", "Rule", "Theme", "check_project", "file_rules"]
