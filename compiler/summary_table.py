"""The summary of a model as a table for people: blocks indented, repeated ones once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .cost import Cost, uncounted
from .dims import Dim, dim, text
from .summary import Summary, plain, sizes_of

TIMES = "\N{MULTIPLICATION SIGN}"
LEFT = 3  # columns that hold words
WIDEST, WIDEST_BELOW = 52, 72  # characters of an expression in the table, and below it
LONGEST = 24  # steps of a group that may be found repeated
UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")
NUMBER = re.compile(r"(?<![\w.])\d{4,}")


@dataclass(frozen=True, slots=True)
class Row:
    """A step with what stands in it; a group of steps that repeats has no cost of its own."""

    cost: Cost | None
    inside: tuple[Row, ...] = ()
    times: int = 1
    last: str = ""  # the name of the last of those that are shown as one
    names: tuple[str, ...] = field(default=(), compare=False)

    @property
    def look(self) -> object:
        """What two rows have in common that are shown as one."""
        if self.cost is None:
            return (self.times, tuple(row.look for row in self.inside))
        cost = self.cost
        made = tuple(str(value.type) for value in cost.step.outputs)
        place = (cost.step.span.source.path, cost.step.span.start, cost.step.span.end)
        numbers = (cost.parameters, cost.buffers, cost.flops, cost.shared)
        return (cost.kind, place, made, numbers, tuple(row.look for row in self.inside))

    def every(self) -> Iterator[Cost]:
        """Its cost and those of what stands in it, as often as they stand there."""
        for _ in range(self.times):
            if self.cost is not None:
                yield self.cost
            for row in self.inside:
                yield from row.every()


def rows(costs: Sequence[Cost]) -> tuple[Row, ...]:
    """The tree of the steps, with what repeats folded into one."""
    found: list[Row] = []
    at = 0
    while at < len(costs):
        cost = costs[at]
        end = at + 1
        while end < len(costs) and costs[end].level > cost.level:
            end += 1
        found.append(Row(cost, rows(costs[at + 1 : end])))
        at = end
    return _folded(found)


def _folded(found: list[Row]) -> tuple[Row, ...]:
    """Rows of which the same group follows itself become one row, or one group."""
    looks = [row.look for row in found]
    done: list[Row] = []
    at = 0
    while at < len(found):
        length, times = _repeated(looks, at)
        group = found[at : at + length]
        last = found[at + length * (times - 1)].cost
        if times > 1 and length == 1:
            (row,) = group
            path = last.path if last is not None else ""
            done.append(Row(row.cost, row.inside, times * row.times, path))
        elif times > 1:
            done.append(Row(None, tuple(group), times))
        else:
            done += group
        at += length * times
    return tuple(done)


def _repeated(looks: list[object], at: int) -> tuple[int, int]:
    """The length of the group that begins here, and how often it stands behind itself."""
    for length in range(1, min(LONGEST, (len(looks) - at) // 2) + 1):
        times = 1
        group = looks[at : at + length]
        while looks[at + length * times : at + length * (times + 1)] == group:
            times += 1
        if times > 1:
            return length, times
    return 1, 1


def table(found: Summary, depth: int | None = None) -> str:
    """The summary for a terminal; blocks below `depth` are folded into their sums."""
    lines = [f"{found.model.network.name} ({found.file})"]
    tree = rows(found.costs)
    columns = ["line", "layer", "output", "parameters", "FLOPs"]
    cells = [cell for row in tree for cell in _cells(row, 0, depth, 1)]
    if found.buffers:
        columns.insert(4, "buffers")
    else:
        cells = [(*cell[:4], cell[5]) for cell in cells]
    widths = [max(len(row[i]) for row in (columns, *cells)) for i in range(len(columns))]
    lines.append(_line(columns, widths))
    lines.append("-" * len(lines[1]))
    lines += [_line(row, widths) for row in cells]
    lines += ["", *_totals(found)]
    for each in found.conditions:
        where = f"line{'s' * (len(each.lines) > 1)} {', '.join(map(str, each.lines))}"
        lines.append(f"condition: {each} ({where})")
    return "\n".join(lines)


def _cells(row: Row, level: int, depth: int | None, times: int) -> Iterator[tuple[str, ...]]:
    """The lines of a row: numbers are those of all that it stands for."""
    times *= row.times
    folded = depth is not None and level >= depth
    cost = row.cost
    if cost is None and folded:
        for each in row.inside:
            yield from _cells(each, level, depth, times)
        return
    own = [cost] if cost is not None and not row.inside else []
    if folded:
        own = list(Row(cost, row.inside).every())
    yield (
        str(cost.step.span.line) if cost is not None else "",
        "  " * level + _named(row),
        "" if cost is None else _made(cost),
        _counted(sum(each.parameters for each in own) * times),
        _counted(sum(each.buffers for each in own) * times),
        _operations(own, times) if own else "",
    )
    if not folded:
        for each in row.inside:
            yield from _cells(each, level + 1, depth, times)


def _named(row: Row) -> str:
    """The kind, how often it stands there or runs, and the names of its attributes."""
    cost = row.cost
    if cost is None:
        return f"{TIMES} {row.times}"
    name = cost.kind
    if cost.turns is not None:
        name += f" {TIMES} {text(cost.turns)}"
    if row.times > 1:
        name += f" {TIMES} {row.times}"
    names = [path.rpartition(".")[2] for path in (cost.path, row.last) if path]
    said = " … ".join(dict.fromkeys(names))
    said += ", shared" if cost.shared and said else ""
    return f"{name} ({said})" if said else name


def _made(cost: Cost) -> str:
    made = (
        f"[{', '.join(str(plain(size)) for size in value.type.shape)}]"
        for value in cost.step.outputs
    )
    return ", ".join(made)


def _operations(costs: Iterable[Cost], times: int) -> str:
    known = list(costs)
    total = sum((cost.flops for cost in known), dim(0)) * times
    of = sizes_of(known[0].step) if len(known) == 1 else ()
    return shortened(plain(total, of))


def _counted(number: int) -> str:
    return f"{number:,}" if number else ""


def _totals(found: Summary) -> Iterator[str]:
    yield f"parameters: {found.parameters:,} trainable, {found.frozen:,} frozen"
    for place in dict.fromkeys(uncounted(found.model.network)):
        yield f"  and those of {place}, which only Python knows, as it does their operations"
    if found.buffers:
        yield f"buffers: {found.buffers:,} numbers"
    batch = found.update.batch
    said = f"FLOPs, forward: {shortened(plain(found.flops), WIDEST_BELOW)}"
    one, many = (shortened(plain(found.flops_of(records)), WIDEST_BELOW) for records in (1, batch))
    if "N" in found.flops.names:
        said += f"; a record: {one}"
        said += f"; a batch of {batch:,}: {many}" if batch > 1 else ""
    yield said
    memory, optimizer = found.memory, found.update.optimizer
    name = optimizer.record.name if optimizer is not None else "no optimizer"
    yield f"memory of a training step, batch of {batch:,}, {name}: {_bytes(memory.total)}"
    parts = {
        "weights": memory.weights,
        "buffers": memory.buffers,
        "gradients": memory.gradients,
        "optimizer": memory.state,
        "activations kept": memory.activations,
    }
    for what, size in parts.items():
        if size != 0:
            yield f"  {what}: {_bytes(size)}"


def _bytes(size: int | Dim) -> str:
    """`5.3 MiB`, or an expression."""
    number = plain(size)
    if isinstance(number, str):
        return f"{shortened(number, WIDEST_BELOW)} bytes"
    value, unit = float(number), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:,.1f} {UNITS[unit]}" if unit else f"{number:,} bytes"


def shortened(number: int | str, widest: int = WIDEST) -> str:
    """A number with commas; of a long expression its beginning: `N*(7*H*W + …)`."""
    if isinstance(number, int):
        return f"{number:,}"
    said = NUMBER.sub(lambda found: f"{int(found[0]):,}", number)
    if len(said) <= widest:
        return said
    cuts = [place for place, deep in _signs(said) if deep < 2 and place <= widest - 4]
    start = said[: cuts[-1]] if cuts else said[: widest - 4]
    return f"{start} + …{')' * (start.count('(') - start.count(')'))}"


def _signs(said: str) -> Iterator[tuple[int, int]]:
    """Where a sum goes on in an expression, and in how many brackets."""
    deep = 0
    for place, letter in enumerate(said):
        deep += (letter == "(") - (letter == ")")
        if said.startswith((" + ", " - "), place):
            yield place, deep


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Words stand left, numbers right."""
    parts = [
        cell.ljust(width) if place < LEFT else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(parts).rstrip()
