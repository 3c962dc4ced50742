"""`ddguard import`."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import click

from ddguard.cli.options import Common, common_options
from ddguard.cli.output import emit, say
from ddguard.cli.project import load_specs
from ddguard.cli.remote import READERS
from ddguard.datadog import Datadog, Readers, settings_from
from ddguard.errors import ExitCode, InputError, RefusedError, UsageError
from ddguard.model import Json
from ddguard.payload import (
    Exported,
    exported,
    import_specs,
    running_snoozes,
    without_other_stacks,
    without_tags_of_others,
)
from ddguard.payload.slugs import unique
from ddguard.spec.dump import dump_document, dump_documents
from ddguard.spec.files import PROJECT_FILE, find_project, is_test, read_text
from ddguard.spec.load import Specs
from ddguard.spec.wording import quoted

NAMED_STACKS = 3


@click.command("import")
@click.argument("sources", nargs=-1, metavar="[FILE|ID]...")
@click.option("--tag", metavar="TAG", help="All monitors of the account that carry this tag.")
@click.option("--all", "everything", is_flag=True, help="All monitors and downtimes of the account.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write one file for each spec into DIR.")
@click.option(
    "--copy", is_flag=True, help="Make specs for new objects; otherwise an apply takes over the imported ones."
)
@common_options("yaml")
def command(
    common: Common, sources: tuple[str, ...], tag: str | None, everything: bool, out: Path | None, copy: bool
) -> int:
    """Print existing monitors and downtimes as specs.

    Sources are FILEs of JSON that Datadog exported, numbers (IDs) of monitors in Datadog, or with --tag and --all
    what an account holds. What comes from Datadog carries a `remote_id`: the next apply takes it over in place.
    Downtimes that are over are left out, and snoozes: those stay what `ddguard snooze` made. So is, without --copy,
    what another project or environment owns: an apply can't take it over and would make a second one.
    """
    files = [source for source in sources if not source.isdecimal()]
    numbers = [int(source) for source in sources if source.isdecimal()]
    if bool(files) + bool(numbers) + (tag is not None) + everything != 1:
        raise UsageError("name files, numbers of monitors, --tag or --all: one of them", "such as --tag team:risk")
    if files:
        found = _from_files(files)
    else:
        here = _project(common)
        site = here.environment.site if here else None
        with Datadog(settings_from(os.environ, site=site, api_url=common.api_url)) as datadog:
            found = _from_datadog(datadog, numbers, tag, everything=everything)
        if not copy:
            found, others = without_other_stacks(found, here.stack.name if here else None)
            _tell_other_stacks(others, common)
        if here:
            found = without_tags_of_others(found, here.project.ignored_tag_keys)
    specs = import_specs(found, adopt=not (files or copy))
    _tell_snoozes(running_snoozes(found), common)
    if not specs:
        raise InputError("there is nothing to import", "is it the right account, tag or environment?")
    if out is None:
        emit(dump_documents(specs).rstrip("\n"))
    else:
        _write(out, specs)
        say(f"{len(specs)} written to {out}: `ddguard validate` checks them", common)
    return ExitCode.DONE


def _tell_snoozes(count: int, common: Common) -> None:
    if count:
        which = "1 snooze was" if count == 1 else f"{count} snoozes were"
        say(f"{which} left out: only `ddguard snooze` lists and ends them, and a spec would take that away", common)


def _tell_other_stacks(others: Counter[str], common: Common) -> None:
    """Says what was left out, and which stacks own it: those that own most of it by their names."""
    if not others:
        return
    count = others.total()
    which = "1 object was left out: it belongs" if count == 1 else f"{count} objects were left out: they belong"
    names = [f"{quoted(stack)} ({number})" for stack, number in others.most_common(NAMED_STACKS)]
    if len(others) > len(names):
        names.append(f"{len(others) - len(names)} more")
    stacks = "the stack" if len(others) == 1 else "the stacks"
    say(f"{which} to {stacks} {', '.join(names)}, and an apply would make a second one", common)
    say("  import it in its own project, with --env; --copy makes specs for second ones", common)


def _project(common: Common) -> Specs | None:
    """The project; None where there is none, and none was asked for."""
    try:
        find_project(common.directory)
    except UsageError:
        if common.directory or common.environment:
            raise
        return None
    return load_specs(common)


def _from_files(paths: Sequence[str]) -> Exported:
    parts = [_from_file(path) for path in paths]
    return Exported(
        tuple(monitor for part in parts for monitor in part.monitors),
        tuple(downtime for part in parts for downtime in part.downtimes),
    )


def _from_file(path: str) -> Exported:
    text = read_text(path)
    try:
        return exported(json.loads(text))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: this is no JSON: {error.msg}") from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply for an export of Datadog") from None
    except InputError as error:
        raise InputError(f"{path}: {error.message}", error.hint) from None


def _from_datadog(datadog: Datadog, numbers: Sequence[int], tag: str | None, *, everything: bool) -> Exported:
    """What Datadog has, read in threads: Ctrl-C ends the waiting for them."""
    with Readers(READERS) as readers:
        if numbers:
            return Exported(tuple(map(_monitor, numbers, readers.each(datadog.monitor, numbers))), ())
        monitors = readers.begin(datadog.monitors, tag)
        downtimes = readers.begin(datadog.downtimes) if everything else None
        return Exported(tuple(monitors.result()), tuple(downtimes.result()) if downtimes else ())


def _monitor(number: int, monitor: Mapping[str, Json] | None) -> Mapping[str, Json]:
    if monitor is None:
        raise InputError(f"Datadog has no monitor {number}", "the number stands at the end of the monitor's URL")
    return monitor


def _write(folder: Path, specs: Sequence[Mapping[str, Json]]) -> None:
    """One file for each spec; none is written if one of them is there already."""
    paths = [folder / name for name in _file_names(specs)]
    there = [path for path in paths if path.exists()]
    if there:
        raise RefusedError(f"{there[0]} is there already: nothing was written", "name an empty folder with --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, spec in zip(paths, specs, strict=True):
            path.write_text(dump_document(spec), encoding="utf-8")
            emit(str(path))
    except OSError as error:
        raise UsageError(f"{folder} can't be written to: {error.strerror}") from None


def _file_names(specs: Sequence[Mapping[str, Json]]) -> list[str]:
    """`ID.yaml` for each spec, and another name where that would be no spec's but the project's, or a test file's."""
    ids = {str(spec["id"]) for spec in specs}
    return [_file_name(str(spec["id"]), str(spec.get("kind", "monitor")), ids) for spec in specs]


def _file_name(spec_id: str, kind: str, ids: Set[str]) -> str:
    name = f"{spec_id}.yaml"
    return f"{unique(f'{spec_id}-{kind}', ids)}.yaml" if name == PROJECT_FILE or is_test(name) else name
