"""The constructor of an emitted class: its layers, by loops and branches as in the spec."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from .. import ir, opened
from ..lines import WIDTH
from .calls import arguments
from .headers import bare, branches, counted, counted_lists, looped, made_by, said_first, words
from .initial import of_layer
from .members import Members, acting, flows_through, inside, passing, singular
from .state import own_state
from .text import call

Build = Callable[[ir.BlockStep], str]
Keep = Callable[[str, str], list[str]]
Lists = Mapping[str, str]


class Constructor:
    """The statements that make the attributes of one class."""

    def __init__(
        self,
        members: Members,
        build: Build,
        atoms: opened.Atoms,
        used: frozenset[str],
        keras: str = "",
        taken: frozenset[str] = frozenset(),
    ) -> None:
        self.members, self.build = members, build
        self.atoms, self.used, self.keras, self.taken = atoms, used, keras, taken
        self.listed: Mapping[int, tuple[int, ...]] = {}
        self.made: set[str] = set()
        self.local: set[str] = set()

    def statements(self, steps: tuple[ir.TypedStep, ...]) -> list[str]:
        """All of them, in the order of the spec."""
        self.listed = counted_lists(steps, self.used)
        return [line for step in steps for line in self._of(step, self._attribute)]

    def _attribute(self, key: str, code: str) -> list[str]:
        return [f"self.{self.members.names[key]} = {code}"]

    def _of(self, step: ir.TypedStep, keep: Keep, lists: Lists | None = None) -> list[str]:
        """The statements for one step; `keep` keeps what is made, in loops in `lists`."""
        match step:
            case ir.Turns():
                return self._turns(step) if lists is None else self._in_turn(step, keep, lists)
            case ir.Choice():
                return self._choice(step, keep, lists)
            case ir.LoopStep():
                return [line for each in step.steps for line in self._of(each, keep, lists)]
            case ir.ListStep():
                return self._list(step)
            case ir.StateStep():
                return own_state(step, self.members.names[step.attribute], self.taken)
            case ir.LayerStep() | ir.BlockStep():
                if step.attribute not in self.members.names or step.attribute in self.made:
                    return []
                self.made.add(step.attribute)
                return self._kept(step, step.attribute, keep)
        return []

    def _kept(self, step: ir.LayerStep | ir.BlockStep, key: str, keep: Keep) -> list[str]:
        """A layer made and kept; in a loop its weights are set before it is one of many."""
        code = self.code(step)
        if keep == self._attribute or not isinstance(step, ir.LayerStep) or step.init is None:
            return keep(key, code)
        word = self._free(singular(step.attribute))
        set_first = of_layer(step, word, self.keras, self.taken)
        return [f"{word} = {code}", *set_first, *keep(key, word)]

    def code(self, step: ir.LayerStep | ir.BlockStep) -> str:
        """The call that makes a layer or block."""
        if isinstance(step, ir.BlockStep):
            return self.build(step)
        return call(step.layer.code, *arguments(step.layer, step.arguments, step.inferred, bare))

    def _free(self, word: str) -> str:
        while word in self.taken or word in self.local:
            word += "_"
        return word

    # Sizes of what lists hold

    def _list(self, step: ir.ListStep) -> list[str]:
        """A list of sizes beside one of tensors, for the layers that take what is popped."""
        word = step.handle.name
        axes = self.listed.get(id(step.handle), ())
        names = {axis: f"{word}_{axis}" if len(axes) > 1 else word for axis in axes}
        if step.action == "begin":
            return [f"{name}: list[int] = []" for name in names.values()]
        if step.value is not None:
            shape = step.value.type.shape
            return [f"{name}.append({bare(shape[axis])})" for axis, name in names.items()]
        return [f"{size} = {names[axis]}.pop()" for axis, size in step.sizes if axis in names]

    # Branches

    def _choice(self, step: ir.Choice, keep: Keep, lists: Lists | None) -> list[str]:
        chosen = passing(step, self.members)
        if chosen is not None:
            code = self._row(chosen)
            condition = opened.written(step.condition, 1)
            first, second = (code, PASS) if self._acts(step) else (PASS, code)
            held = f"{first} if {condition} else {second}"
            if lists is None:
                kept = [f"self.{self.members.chains[id(step)]} = {held}"]
            else:
                kept = keep(str(id(step)), held)
            return [*kept, *self._either(step, [], [])]
        before = {*self.made}
        then, otherwise = (
            [line for each in branch for line in self._of(each, keep, lists)]
            for branch in (step.then, step.otherwise)
        )
        if lists is not None:
            # Lists in step: where a branch has no such layer, one stands in its place.
            keys = {*lists} - before
            then += self._missing(step.otherwise, keep, keys)
            otherwise += self._missing(step.then, keep, keys)
        return self._either(step, then, otherwise)

    def _either(self, step: ir.Choice, then: list[str], otherwise: list[str]) -> list[str]:
        """Both branches, with the numbers that they change, as far as something needs them."""
        sizes = [each for each in step.sizes if each[0] in self.used]
        then += [f"{word} = {bare(value)}" for word, value, _ in sizes]
        otherwise += [f"{word} = {bare(value)}" for word, _, value in sizes]
        return branches(opened.written(step.condition), _negated(step), then, otherwise)

    def _does(self, step: ir.Choice) -> bool:
        """Whether a branch makes a layer, or changes a number that something needs."""
        made = bool(step.then or step.otherwise or step.merged)
        return made or any(word in self.used for word, *_ in step.sizes)

    def _acts(self, step: ir.Choice) -> bool:
        """Whether it is the first branch that does something."""
        ((_, then, _),) = step.merged
        return bool(acting(step.then, then)[0])

    def _missing(
        self, steps: tuple[ir.TypedStep, ...], keep: Keep, keys: Container[str]
    ) -> list[str]:
        missed = (key for key in self._keys(steps, frozenset()) if key in keys)
        return [line for key in missed for line in keep(key, PASS)]

    def _row(self, steps: Iterable[ir.LayerStep | ir.BlockStep]) -> str:
        codes = [self.code(each) for each in steps]
        return codes[0] if len(codes) == 1 else call("nn.Sequential", codes)

    # Loops

    def _turns(self, loop: ir.Turns, into: str = "") -> list[str]:
        """A loop; `into` is the list of the loop around it that takes what this one makes."""
        if id(loop) in self.members.chains and not into:
            name = f"self.{self.members.chains[id(loop)]}"
            found = self._comprehended(loop, name, "nn.Sequential")
            return found or [f"{name} = nn.Sequential()", *self._chained(loop, name)]
        before = self._shared(loop, self._attribute)
        keys = list(self._keys(loop.steps, loop.shared))
        lists = {
            key: f"self.{self.members.names.get(key) or self.members.chains[int(key)]}"
            for key in keys
        }
        if len(keys) == 1 and (found := self._comprehended(loop, lists[keys[0]], "nn.ModuleList")):
            return [*before, *found]
        starts = [f"{each} = nn.ModuleList()" for each in lists.values()]

        def keep(key: str, code: str) -> list[str]:
            return [f"{lists[key]}.append({code})"]

        body = self._looped(loop, lambda step: self._in_turn(step, keep, lists), before)
        return [*starts, *body]

    def _in_turn(
        self,
        step: ir.TypedStep,
        keep: Keep,
        lists: Lists,
    ) -> list[str]:
        if not isinstance(step, ir.Turns):
            return self._of(step, keep, lists)
        if flows_through(step, self.members):
            key = str(id(step))
            found = self._comprehended(step, "", "nn.Sequential")
            if found:
                return keep(key, found[0].removeprefix(" = "))
            word = self._free(self.members.elements[key])
            return [f"{word} = nn.Sequential()", *self._chained(step, word), *keep(key, word)]
        before = self._shared(step, keep)
        # A list of lists: this turn's is made, filled and put away.
        keys = list(self._keys(step.steps, step.shared))
        words = {key: self._free(lists[key].removeprefix("self.")) for key in keys}
        self.local |= {*words.values()}

        def inner(key: str, code: str) -> list[str]:
            return [f"{words[key]}.append({code})"]

        filled = self._looped(step, lambda each: self._in_turn(each, inner, words), before)
        self.local -= {*words.values()}
        starts = [f"{word} = nn.ModuleList()" for word in words.values()]
        after = (line for key in keys for line in keep(key, words[key]))
        return [*starts, *filled, *after]

    def _looped(
        self,
        loop: ir.Turns,
        body: Callable[[ir.TypedStep], list[str]],
        before: Iterable[str] = (),
    ) -> list[str]:
        """`for … in …:` with the numbers that change from turn to turn, as far as they count."""
        lines = [line for step in loop.steps for line in body(step)]
        return looped(loop, lines, self.atoms, self.used, before)

    def _chained(self, loop: ir.Turns, into: str) -> list[str]:
        """A loop that appends to a row of modules, those of loops within it too."""

        def body(step: ir.TypedStep) -> list[str]:
            if isinstance(step, ir.Turns):
                return self._chained(step, into)
            if isinstance(step, ir.Choice):
                chosen = passing(step, self.members)
                lines = [f"{into}.append({self.code(each)})" for each in chosen or ()]
                first = chosen is not None and self._acts(step)
                then, otherwise = (lines, []) if first else ([], lines)
                return self._either(step, then, otherwise)
            assert isinstance(step, ir.LayerStep | ir.BlockStep)
            return self._kept(step, "", lambda _, code: [f"{into}.append({code})"])

        return self._looped(loop, body)

    def _comprehended(self, loop: ir.Turns, name: str, kind: str) -> list[str]:
        """The loop as one expression, where it makes one layer a turn and is short."""
        single = len(loop.steps) == 1 or kind == "nn.ModuleList"
        layers = [each for each in loop.steps if isinstance(each, ir.LayerStep | ir.BlockStep)]
        layers = [
            each
            for each in layers
            if each.attribute in self.members.names or kind != "nn.ModuleList"
        ]
        nested = any(isinstance(each, ir.Turns) for each in loop.steps)
        nested |= any(isinstance(e, ir.Choice) and self._does(e) for e in loop.steps)
        nested |= any(isinstance(e, ir.ListStep) and self._list(e) for e in loop.steps)
        if not single or nested or len(layers) != 1 or getattr(layers[0], "init", None):
            return []
        code = self.code(layers[0])
        if counted(loop, self.used, self.atoms) or said_first(loop, words(code)):
            return []
        target, over = made_by(loop, words(code))
        each = f"{code} for {target} in {over}"
        held = f"{kind}(*({each}))" if kind == "nn.Sequential" else f"{kind}({each})"
        if len(each) > WIDTH - 12 >= len(f"{name}.append({code})"):
            return []  # the loop is shorter
        self.made |= {layer.attribute for layer in layers}
        return [f"{name} = {held}"]

    def _shared(self, loop: ir.Turns, keep: Keep) -> list[str]:
        """What was declared before the loop and is used in it first."""
        return [
            line
            for each in inside(loop)
            if each.attribute in loop.shared
            for line in self._of(each, keep)
        ]

    def _keys(self, steps: Iterable[ir.TypedStep], shared: frozenset[str]) -> Iterator[str]:
        """What a turn makes, each once: layers by their names, rows by their identity."""
        seen: set[str] = set()
        for step in steps:
            match step:
                case ir.Turns() if flows_through(step, self.members):
                    found: list[str] = [str(id(step))]
                case ir.Turns():
                    # What this turn declares for a loop within it is one a turn of this loop.
                    own = (e.attribute for e in inside(step) if e.attribute in step.shared - shared)
                    found = [*own, *self._keys(step.steps, shared | step.shared)]
                case ir.Choice() if passing(step, self.members) is not None:
                    found = [str(id(step))]
                case ir.Choice():
                    found = list(self._keys((*step.then, *step.otherwise), shared))
                case ir.LayerStep() | ir.BlockStep():
                    known = step.attribute in self.members.names and step.attribute not in shared
                    found = [step.attribute] if known else []
                case _:
                    found = []
            for key in found:
                if key not in seen:
                    seen.add(key)
                    yield key


PASS = "nn.Identity()"


def _negated(step: ir.Choice) -> str:
    return opened.written(opened.operation("not", step.condition))
