"""Loops and branches of a constructor, as data flows through what they made."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .. import ir, opened
from .calls import shape_of
from .headers import header
from .loops import kept, moved, variable
from .members import acting
from .names import local
from .text import Line
from .writing import Writing

Write = Callable[..., None]
ONE_LINE = 76  # letters of a choice that is one expression


def through(step: ir.TypedStep, writing: Writing) -> str:
    """The call of a loop or branch that is one module; nothing where it is none."""
    if not isinstance(step, ir.Turns | ir.Choice) or id(step) not in writing.chains:
        return ""
    if isinstance(step, ir.Turns):
        ((value, _, _),) = step.carried
    else:
        ((_, then, otherwise),) = step.merged
        acts, passed = acting(step.then, then)
        value = acting(step.otherwise, otherwise)[1] if acts else passed
    held = writing.chains[id(step)]
    return f"{held}({writing.of(value)})"


def write_turns(
    loop: ir.Turns, index: int, last: Mapping[int, int], writing: Writing, write: Write
) -> None:
    """Append a loop over the layers of each turn."""
    held = kept(loop, index, last, writing)
    variables: list[str] = []
    for first, seen, _ in loop.carried:
        given = writing.of(first)
        goes_on = given not in {*held, *variables} and writing.holders.get(given) == id(first)
        word = given if goes_on and not seen.name else variable(seen.name or "x", held, writing)
        if given != word:
            writing.lines.append(Line(f"{word} = {given}"))
        held.discard(word)
        variables.append(word)
        writing.names[id(seen)] = word
        writing.holders[word] = id(seen)
    taken = writing.taken | held
    elements = _elements(loop, writing, taken | {*variables})
    own = frozenset((*loop.names, *loop.lets))
    body = replace(
        writing,
        lines=[],
        level=writing.level + 1,
        taken=frozenset(taken | own | {*elements.values()}),
        sizes=set(),
        elements={**writing.elements, **{k: v for k, v in elements.items() if not k.isdigit()}},
        chains={**writing.chains, **{int(k): v for k, v in elements.items() if k.isdigit()}},
        readable=None if writing.readable is None else writing.readable | own,
    )
    results = tuple(value for _, _, value in loop.carried)
    inputs = tuple(seen for _, seen, _ in loop.carried)
    network = ir.Network("turn", loop.span, {}, inputs, results, loop.steps, (), {})
    targets = {id(value): word for value, word in zip(results, variables, strict=True)}
    free = _free(results, variables, loop.steps, inputs)
    write(network, body, {k: v for k, v in targets.items() if k in free}, returns=False)
    lines = [*body.lines, *moved(variables, [body.of(value) for value in results])]
    if not lines:
        # The loop was for the constructor alone.
        for (first, _, _), output in zip(loop.carried, loop.outputs, strict=True):
            writing.inline[id(output)] = writing.of(first)
        return
    said: list[Line] = []
    for name, value in reversed([*loop.lets.items()]):
        if name in body.sizes:
            said.insert(0, Line(f"{name} = {body.quote(value)}"))
    lines = [*said, *lines]
    body.sizes -= {*loop.lets}
    used = {name for name in loop.names if name in body.sizes}
    writing.sizes |= body.sizes - set(loop.names)
    target, over = _header(loop, used, elements, writing)
    writing.lines.append(Line(f"for {target} in {over}:"))
    writing.lines += [replace(line, level=line.level + 1) for line in lines]
    for output, word in zip(loop.outputs, variables, strict=True):
        writing.names[id(output)] = word
        writing.holders[word] = id(output)


def _free(
    results: tuple[ir.Value, ...],
    variables: list[str],
    steps: tuple[ir.TypedStep, ...],
    inputs: tuple[ir.Value, ...],
) -> set[int]:
    """Results that may go to their variable at once: what it holds is read no later."""
    made = {id(value): place for place, step in enumerate(steps) for value in step.outputs}
    found = set()
    for value, given in zip(results, inputs, strict=True):
        place = made.get(id(value))
        later = () if place is None else steps[place + 1 :]
        others = (each for each in results if each is not value)
        read = {id(each) for step in later for each in step.reads} | {id(each) for each in others}
        if place is not None and id(given) not in read and not value.name:
            found.add(id(value))
    return found


def _elements(loop: ir.Turns, writing: Writing, taken: Iterable[str]) -> dict[str, str]:
    """What the lists of a loop hold for one turn, and what that is called here."""
    found: dict[str, str] = {}
    busy = {*taken}

    def add(key: str, word: str) -> None:
        if key not in found and key not in loop.shared:
            found[key] = local(word, busy)
            busy.add(found[key])

    def within(steps: tuple[ir.TypedStep, ...], shared: frozenset[str]) -> None:
        """What a loop in this one goes over: a list a turn, of what it shares one layer."""
        for step in steps:
            match step:
                case ir.Turns() | ir.Choice() if str(id(step)) in writing.members.elements:
                    add(str(id(step)), writing.members.chains[id(step)])
                case ir.Turns():
                    within(step.steps, shared)
                case ir.Choice(then=then, otherwise=otherwise):
                    within((*then, *otherwise), shared)
                case ir.LayerStep() | ir.BlockStep():
                    alone = step.attribute in shared
                    words = writing.members.elements if alone else writing.members.names
                    if step.attribute in writing.members.elements:
                        add(step.attribute, words[step.attribute])

    def walk(steps: tuple[ir.TypedStep, ...]) -> None:
        for step in steps:
            key = str(id(step))
            match step:
                case ir.Turns() if key in writing.members.elements:
                    add(key, writing.members.chains[id(step)])
                case ir.Turns():
                    within(step.steps, step.shared)
                case ir.Choice() if key in writing.members.elements:
                    add(key, writing.members.elements[key])
                case ir.Choice(then=then, otherwise=otherwise):
                    walk((*then, *otherwise))
                case ir.LayerStep() | ir.BlockStep():
                    if step.attribute in writing.members.elements:
                        add(step.attribute, writing.members.elements[step.attribute])

    walk(loop.steps)
    return found


def _header(
    loop: ir.Turns, used: set[str], elements: Mapping[str, str], writing: Writing
) -> tuple[str, str]:
    """`norm, attention` and `zip(self.norms, self.attentions, strict=True)`."""
    words = list(elements.values())
    lists = [writing.list_of(key) for key in elements]
    if used or not words:
        target, _ = header(loop, used)
        over = _over(loop, used)
        counted = loop.over.operator == "range" and len(loop.over.operands) == 1
        if loop.over.operator == "enumerate" and len(loop.over.operands) == 1:
            counted = target.endswith(", _")
            target = target.removesuffix(", _") if counted else target
        if words and counted:
            both = lists[0] if len(lists) == 1 else f"zip({', '.join(lists)}, strict=True)"
            inner = words[0] if len(words) == 1 else f"({', '.join(words)})"
            return f"{target}, {inner}", f"enumerate({both})"
        writing.quote(over)  # what it names has to be there
        words = [f"({target})" if "," in target and words else target, *words]
        lists = [writing.quote(over), *lists]
    if len(lists) == 1:
        return words[0], lists[0]
    return ", ".join(words), f"zip({', '.join(lists)}, strict=True)"


def _over(loop: ir.Turns, used: set[str]) -> ir.Open:
    """What is gone over: without the numbers of turns where they are not used."""
    _, code = header(loop, used)
    if loop.over.operator == "enumerate" and not code.startswith("enumerate("):
        inner = loop.over.operands[0]
        return inner if isinstance(inner, ir.Open) else ir.Open(opened.written(inner), "list")
    return loop.over


def write_choice(
    step: ir.Choice,
    index: int,
    last: Mapping[int, int],
    writing: Writing,
    write: Write,
    ends: bool = False,
) -> None:
    """Append an `if` whose branches give the same variables their values; or return them."""
    held = kept(step, index, last, writing)
    if len(step.merged) == 1:
        # What is read here last may be what a branch ends with; the other one lets it pass.
        held = {word for word in held if last.get(writing.holders[word], -1) > index}
    variables: list[str] = []
    for merged, *_ in step.merged:
        word = variable(merged.name or "x", held | {*variables}, writing)
        variables.append(word if id(merged) in last or "_" in held else "_")
    bodies = []
    for branch, place in ((step.then, 1), (step.otherwise, 2)):
        results = tuple(triple[place] for triple in step.merged)
        body = replace(
            writing,
            lines=[],
            level=writing.level + 1,
            taken=frozenset(writing.taken | held),
            holders=dict(writing.holders),
        )
        network = ir.Network("branch", step.span, {}, (), results, branch, (), {})
        made = {id(value) for each in branch for value in each.outputs}
        targets = {
            id(value): word
            for value, word in zip(results, variables, strict=True)
            if id(value) in made and not value.name and len(results) == 1
        }
        write(network, body, targets, returns=False)
        bodies.append([*body.lines, *moved(variables, [body.of(value) for value in results])])
    then, otherwise = bodies
    condition = writing.quote(step.condition)
    if len(step.merged) == 1:
        (merged, *sides), (word,) = step.merged[0], variables
        values = [
            _only(lines, word, writing.names.get(id(side), ""))
            for lines, side in zip(bodies, sides, strict=True)
        ]
        first = f"({values[0]})" if _chooses(values[0]) else values[0]
        found = f"{first} if {condition} else {values[1]}" if all(values) else ""
        before = "return " if ends else f"{word} = "
        if found and len(before + found) <= ONE_LINE:
            writing.lines.append(Line(before + found, shape_of(merged)))
            writing.names[id(merged)] = word
            writing.holders[word] = id(merged)
            return
        if ends and all(values[place] or bodies[place] for place in (0, 1)):
            then, otherwise = (
                _returning(lines, word, v) for lines, v in zip(bodies, values, strict=True)
            )
            writing.lines.append(Line(f"if {condition}:"))
            writing.lines += [replace(line, level=line.level + 1) for line in then]
            writing.lines += otherwise
            return
    if not then:
        condition = writing.quote(opened.operation("not", step.condition))
        then, otherwise = otherwise, then
    if then:
        writing.lines.append(Line(f"if {condition}:"))
        writing.lines += [replace(line, level=line.level + 1) for line in then]
    if otherwise:
        writing.lines.append(Line("else:"))
        writing.lines += [replace(line, level=line.level + 1) for line in otherwise]
    for (merged, *_), word in zip(step.merged, variables, strict=True):
        writing.names[id(merged)] = word
        writing.holders[word] = id(merged)

    if ends:
        writing.lines.append(Line(f"return {', '.join(variables)}"))


def _chooses(code: str) -> bool:
    """Whether an expression is a choice itself: what it stands in would be read as its end."""
    return bool(code) and isinstance(ast.parse(code, mode="eval").body, ast.IfExp)


def _only(lines: list[Line], word: str, passed: str) -> str:
    """The value of a branch that is one expression, or lets a variable pass."""
    if not lines:
        return passed or word
    code = lines[0].code
    alone = len(lines) == 1 and "\n" not in code and code.startswith(f"{word} = ")
    return code.removeprefix(f"{word} = ") if alone else ""


def _returning(lines: list[Line], word: str, value: str) -> list[Line]:
    """A branch that returns what it comes to."""
    *before, last = lines or [Line("")]
    start = f"{word} = "
    if last.level == 0 and last.code.startswith(start):
        return [*before, replace(last, code=f"return {last.code.removeprefix(start)}")]
    return [*lines, Line(f"return {value or word}")]


def write_list(step: ir.ListStep, writing: Writing) -> bool:
    """Append what happens to a list of tensors; False where it gives a tensor, as `pop` does."""
    match step.action:
        case "begin":
            word = variable(step.handle.name, {*writing.holders}, writing)
            writing.names[id(step.handle)] = word
            writing.taken = writing.taken | {word}
            writing.lists.add(id(step.handle))
            writing.lines.append(Line(f"{word}: list[Tensor] = []"))
        case "append" if step.value is not None:
            word, value = writing.of(step.handle), writing.of(step.value)
            if writing.lines and writing.lines[-1].code == f"{word}: list[Tensor] = []":
                writing.lines[-1] = Line(f"{word} = [{value}]")
            else:
                writing.lines.append(Line(f"{word}.append({value})"))
        case "all" if step.output is not None:
            writing.names[id(step.output)] = writing.of(step.handle)
            writing.lists.add(id(step.output))
        case _:
            return False
    return True
