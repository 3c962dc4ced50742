"""Desired and live -> a plan. Pure values, no calls."""

from ddguard.plan.make import make_plan
from ddguard.plan.order import delete_waves
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
    "delete_waves",
    "make_plan",
    "on_the_same_world",
    "read_saved_plan",
    "saved_plan",
]
