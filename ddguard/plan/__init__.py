"""Desired and live -> a plan. Pure values, no calls."""

from ddguard.plan.guards import monitors_removed, refusing_held
from ddguard.plan.make import make_plan
from ddguard.plan.matching import equal_downtimes, equal_monitors
from ddguard.plan.order import numbers_needed, removals_in_order, users_gone_first
from ddguard.plan.saved import on_the_same_world, read_saved_plan, saved_plan
from ddguard.plan.values import Action, Change, Kind, Outcome, Plan, Refusal, Result, Rules, World

__all__ = [
    "Action",
    "Change",
    "Kind",
    "Outcome",
    "Plan",
    "Refusal",
    "Result",
    "Rules",
    "World",
    "equal_downtimes",
    "equal_monitors",
    "make_plan",
    "monitors_removed",
    "numbers_needed",
    "on_the_same_world",
    "read_saved_plan",
    "refusing_held",
    "removals_in_order",
    "saved_plan",
    "users_gone_first",
]
