"""`ddguard snooze`: silence for one tenant, the list of what is silenced, and the end of it."""

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click

from ddguard.cli.ending import end_snoozes
from ddguard.cli.options import Common, common_options
from ddguard.cli.snoozing import Asked, list_snoozes, snooze
from ddguard.errors import InputError, RefusedError
from ddguard.model import SnoozePolicy, Stack
from ddguard.payload.snoozes import KEY, Target
from ddguard.snooze import scope_target, tag_target

Function = TypeVar("Function", bound=Callable[..., Any])


class SnoozeGroup(click.Group):
    """`list`, `end` and `scope` are commands; every other word is a tag's key."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command of that name, or the one that snoozes by this key."""
        named = super().get_command(ctx, cmd_name)
        if named is not None:
            return named
        by_key = copy.copy(key_command)
        by_key.name = cmd_name
        return by_key

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table of commands, with `KEY` for all keys."""
        rows = [("KEY NAME", "Silence the groups with this tag, such as `tenant acme`.")]
        rows += [
            (f"{name} {USAGES[name]}".rstrip(), one.get_short_help_str(limit=80)) for name, one in self.commands.items()
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


USAGES = {"scope": "SCOPE", "list": "", "end": "KEY NAME"}
OTHER_WORDS = dict.fromkeys(("stop", "cancel", "delete", "remove", "resume", "unmute"), "end")
"""What other tools call it."""


@click.group("snooze", cls=SnoozeGroup)
def command() -> None:
    """Silence one tenant, only that, for a while.

    \b
        ddguard snooze tenant acme --for 2h --reason "load test"
        ddguard snooze list
        ddguard snooze end tenant acme

    Which keys may be snoozed, for how long, and whether a reason is needed stands in ddguard.yaml.
    """  # noqa: D301 - click takes the \\b for "leave these lines"


def wish_options(function: Function) -> Function:
    """Adds the options of a snooze and hands them over as one `asked`."""

    def wrapped(**values: Any) -> Any:
        asked = Asked(
            length=values.pop("for_"),
            until=values.pop("until"),
            reason=values.pop("reason"),
            author=values.pop("by"),
            monitor=values.pop("monitor"),
            sure=values.pop("yes"),
            dry_run=values.pop("dry_run"),
            force=values.pop("force"),
        )
        return function(asked=asked, **values)

    wrapped.__name__ = function.__name__
    wrapped.__doc__ = function.__doc__
    wrapped.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]


OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.option("--for", "for_", metavar="LENGTH", help="How long, such as 2h. Without it the project's default."),
    click.option("--until", metavar="TIME", help="2026-01-05T10:00:00Z, or the next 18:30 on your clock."),
    click.option("--reason", metavar="TEXT", help="Why: whoever is on call next reads it."),
    click.option("--by", metavar="NAME", help="Who. Without it the CI's or the machine's user."),
    click.option("--monitor", metavar="ID", help="Only this monitor: a spec's id, or a number in Datadog."),
    click.option("--yes", is_flag=True, help="Don't ask. Needed where there is no terminal."),
    click.option("--dry-run", is_flag=True, help="Show what would fall silent, and change nothing."),
    click.option("--force", is_flag=True, help="Even if no monitor would fall silent."),
)


class KeyCommand(click.Command):
    """Snoozes by the key that stands first, whatever word it is; one that can't be meant so is told of."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments; where there are too few or too many, perhaps the word is no key."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if type(error) not in {click.UsageError, click.MissingParameter}:
                raise
            raise _no_key(ctx, name_is_missing=isinstance(error, click.MissingParameter)) or error from None


def _no_key(context: click.Context, *, name_is_missing: bool) -> click.UsageError | None:
    """What is told of a word that is rather a command, or a name without its key; None for a likely key."""
    from difflib import get_close_matches

    word = context.info_name or ""
    near = [OTHER_WORDS[word]] if word in OTHER_WORDS else get_close_matches(word, USAGES, n=1)
    if near:
        return click.UsageError(f"there is no command {word!r}. Did you mean {near[0]}?", context.parent)
    usual = SnoozePolicy().keys
    if not name_is_missing or word in usual:
        return None
    return click.UsageError(
        f"there is no name after {word!r}. Did you mean `snooze {usual[0]} {word}`?", context.parent
    )


@click.command(cls=KeyCommand)
@click.argument("name")
@wish_options
@common_options("text", "json", command="snooze")
@click.pass_context
def key_command(context: click.Context, common: Common, asked: Asked, name: str) -> int:
    """Silence the groups with the tag KEY:NAME. Running it again extends the snooze.

    \b
    Exit codes: 0    done, or there was nothing to do
                3    refused: by the project's policy, by the name, or by you; nothing was changed
                5    Datadog could not be used
                130  interrupted: the output says what was done
    """  # noqa: D301 - click takes the \\b for "leave these lines"
    key = context.info_name or ""
    return snooze(common, asked, lambda stack, policy: tag_target(stack, key, name, policy))


@command.command("scope")
@click.argument("scope")
@wish_options
@common_options("text", "json", command="snooze")
def scope_command(common: Common, asked: Asked, scope: str) -> int:
    """Silence what a SCOPE names, such as 'tenant:acme AND region:eu'.

    Datadog's grammar for downtimes: AND, key:(a OR b), -key:value. Every key must be one that the project allows.
    """
    return snooze(common, asked, lambda stack, policy: _scope_target(scope, stack, policy))


@command.command("list")
@common_options("text", "json")
def list_command(common: Common) -> int:
    """Show what is snoozed: time left, reason, author, and what is silenced.

    Every other downtime that silences monitors of the stack is shown too, what was made in Datadog marked as foreign.
    """
    return list_snoozes(common)


@command.command("end")
@click.argument("key")
@click.argument("name")
@common_options("text", "json")
def end_command(common: Common, key: str, name: str) -> int:
    """End every snooze of KEY:NAME, whoever made it, and say what is audible again.

    `ddguard snooze end scope 'tenant:acme AND region:eu'` ends what `snooze scope` began.

    \b
    Exit codes: 0    done, or there was nothing to do
                4    some ended and some did not: the output says which
                130  interrupted: the output says what was done
    """  # noqa: D301 - click takes the \\b for "leave these lines"
    if key == "scope":
        return end_snoozes(common, lambda stack, policy: _scope_target(name, stack, policy, ends=True))
    return end_snoozes(common, lambda stack, policy: tag_target(stack, key, name, _with_keys(policy, [key])))


def _with_keys(policy: SnoozePolicy, keys: Iterable[str]) -> SnoozePolicy:
    """The policy for an end: what was snoozed once may end, whatever may be snoozed by now."""
    return replace(policy, keys=(*policy.keys, *filter(KEY.fullmatch, keys)))


def _scope_target(text: str, stack: Stack, policy: SnoozePolicy, *, ends: bool = False) -> Target:
    """What a scope names. One that can't be read is refused like one that would widen."""
    from ddguard.replay.scopes import parse_scope

    if not text.strip():
        raise RefusedError("the scope is empty", f"say which groups are meant, such as {policy.keys[0]}:NAME")
    try:
        read = parse_scope(text)
    except InputError as error:
        raise RefusedError(error.message, error.hint) from None
    allowed = _with_keys(policy, (term.key for term in read.terms)) if ends else policy
    return scope_target(stack, text, read.terms, allowed)
