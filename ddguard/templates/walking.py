"""Every part of a template, with the conditionals around it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ddguard.templates.nodes import Block, Part


@dataclass(frozen=True, slots=True)
class Branch:
    """One side of a block. `holds` tells whether its conditional does: in `{{#x}}` and in the else part of `{{^x}}`."""

    block: Block
    holds: bool


Branches = tuple[Branch, ...]
"""The sides of all blocks around a part, the outermost first."""


def visit(parts: Sequence[Part], branches: Branches = ()) -> Iterator[tuple[Part, Branches]]:
    """Every part, blocks before what stands in them, with the branches around it."""
    for part in parts:
        yield part, branches
        if isinstance(part, Block):
            for inner, branch in sides(part):
                yield from visit(inner, (*branches, branch))


def sides(block: Block) -> tuple[tuple[tuple[Part, ...], Branch], ...]:
    """The body of a block and its else part, each with its branch."""
    return (
        (block.body, Branch(block, not block.negated)),
        (block.otherwise, Branch(block, block.negated)),
    )
