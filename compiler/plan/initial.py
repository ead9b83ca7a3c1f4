"""Initial weights as statements of `model.py`: of one layer, of a model, and as in Keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .. import ir
from ..layers import outside
from ..layers.initial import INITIALIZERS, KERAS, kernels
from ..layers.recurrent import GATES
from ..record import replaced
from .blocks import Blocks
from .headers import words
from .members import Members
from .text import call, quote
from .writing import Unwritable

ATTENTION, TRANSFORMER = "MultiheadAttention", "Transformer"
Quote = Callable[[Any], str]
EMBEDDINGS = {"Embedding", "EmbeddingBag"}


def layers(network: ir.Network) -> Iterator[ir.LayerStep]:
    """Every layer with a state, those inside blocks too."""
    for step in ir.every(network.steps):
        if isinstance(step, ir.BlockStep):
            yield from layers(step.body)
        elif isinstance(step, ir.LayerStep) and step.attribute:
            yield step


def _weights(step: ir.LayerStep) -> dict[str, tuple[Any, ...]]:
    return dict(step.layer.weights(step.types, step.output.type, step.known))


def of_tensor(init: ir.Initial, tensor: str) -> str:
    """The statement that sets a tensor of one's own."""
    return _set(init, tensor)


def _set(init: ir.Initial, weight: str) -> str:
    """`nn.init.normal_(weight, std=0.02)`; torch's defaults are left out."""
    record = INITIALIZERS[init.name]
    named = {
        each.name: quote(init.arguments[each.name])
        for each in record.parameters
        if init.arguments[each.name] != each.default
    }
    return call(f"nn.init.{init.name}", [weight], named)


def of_layer(step: ir.LayerStep, path: str, keras: str, taken: frozenset[str]) -> list[str]:
    """How the weights of one layer are set, by its own `init`; `path` is where it stands."""
    init = step.init
    assert init is not None
    if init.name == KERAS:
        return [f"{keras}({path})"]
    if step.layer.name in GATES:
        name, weight = _free("name", taken), _free("weight", taken)
        return [
            f"for {name}, {weight} in {path}.named_parameters():\n"
            f'    if "weight" in {name}:\n'
            f"        {_set(init, weight)}"
        ]
    if step.layer.name.startswith(TRANSFORMER):
        weight = _free("weight", taken)
        return [
            f"for {weight} in {path}.parameters():\n"
            f"    if {weight}.dim() > 1:\n"
            f"        {_set(init, weight)}"
        ]
    lines = [_set(init, f"{path}.{each}") for each in kernels(_weights(step))]
    padding = step.arguments.get("padding_idx")
    if padding is not None:
        lines.append(_zero(path, quote(padding)))
    return lines


def _free(name: str, taken: frozenset[str]) -> str:
    while name in taken:
        name += "_"
    return name


def initial(
    network: ir.Network, members: Members, blocks: Blocks, taken: frozenset[str]
) -> list[str]:
    """How weights are set where a spec says so: a model's first, then those of single layers."""

    def inner(step: ir.BlockStep) -> tuple[ir.Network, dict[str, str]]:
        return step.body, blocks.members(blocks.network(step)).names

    if network.init is None:
        return list(own(network, members.names, inner, blocks.keras, taken))
    first = of_model(network, members.names, blocks.keras, taken)
    each = list(own(network, members.names, inner, blocks.keras, taken))
    top = replaced(network, steps=tuple(s for s in network.steps if isinstance(s, ir.LayerStep)))
    single = list(own(top, members.names, inner, blocks.keras, taken))
    by_class = in_blocks(network, inner, blocks.name, blocks.keras, taken)
    looped = any(
        getattr(inside, "init", None)
        for step in network.steps
        if isinstance(step, ir.Turns | ir.Choice)
        for inside in layers(replaced(network, steps=(step,)))
    )
    if by_class is None and looped:
        raise Unwritable(network.name, network.span, set())
    if by_class is None or not (looped or _shorter([*by_class, *single], each)):
        return [*first, *each]
    return [*first, *by_class, *single]


def _shorter(some: list[str], others: list[str]) -> bool:
    return len("\n".join(some).split("\n")) < len("\n".join(others).split("\n"))


def of_model(
    network: ir.Network, attributes: Mapping[str, str], keras: str, taken: frozenset[str]
) -> list[str]:
    """How the weights of a whole model are set by its `init`."""
    init = network.init
    if init is None:
        return []
    if init.name == KERAS:
        return [f"self.apply({keras})"]
    module, weight = _free("module", taken), _free("weight", taken)
    name = _free("name", taken)
    plain, recurrent = _kinds(layers(network))
    branches = []
    if plain:
        branches.append((plain, [_set(init, f"{module}.weight")]))
    found = list(layers(network))
    if any(step.layer.name.startswith((ATTENTION, TRANSFORMER)) for step in found):
        plain, recurrent = plain | {"Linear"}, recurrent | {ATTENTION}
        branches = [(plain, [_set(init, f"{module}.weight")])]
    if recurrent:
        inner = [f'if "weight" in {name}:', f"    {_set(init, weight)}"]
        # What attention projects with last is a linear layer of its own.
        own = "recurse=False" if ATTENTION in recurrent else ""
        loop = f"for {name}, {weight} in {module}.named_parameters({own}):"
        branches.append((recurrent, [loop, *(f"    {each}" for each in inner)]))
    if not branches:
        return []
    lines, after = _choice(module, branches), []
    padded = [step for step in found if _is_padded(step) and step.init is None]
    kinds = {step.layer.name for step in padded}
    if any(step.layer.name == outside.NAME for step in found):
        # A module of the person's own may have embeddings with padding too.
        kinds |= plain & EMBEDDINGS
    elif all(any(step is each for each in network.steps) for step in padded):
        rows = {attributes[step.attribute]: step.arguments["padding_idx"] for step in padded}
        after = [_zero(f"self.{at}", quote(row)) for at, row in rows.items()]
        kinds = set()
    if kinds:
        lines += _padding(module, f"isinstance({module}, {_classes(kinds)}) and ")
    return ["\n".join([f"for {module} in self.modules():", *_indented(lines)]), *after]


def _kinds(found: Iterator[ir.LayerStep]) -> tuple[set[str], set[str]]:
    """Classes whose weight is set, and those over time."""
    plain: set[str] = set()
    recurrent: set[str] = set()
    for step in found:
        name = step.layer.name
        if name in GATES:
            recurrent.add(name)
        elif name.startswith((ATTENTION, TRANSFORMER)):
            continue
        elif any(len(shape) > 1 for shape in kernels(_weights(step)).values()):
            plain.add(name)
    return plain, recurrent


def _is_padded(step: ir.LayerStep) -> bool:
    """Whether an embedding has a row of zeros."""
    return step.arguments.get("padding_idx") is not None


def _zero(path: str, row: str) -> str:
    return f"nn.init.zeros_({path}.weight[{row}])"


def _padding(module: str, where: str = "") -> list[str]:
    return [
        f"if {where}{module}.padding_idx is not None:",
        f"    {_zero(module, f'{module}.padding_idx')}",
    ]


def _classes(kinds: set[str]) -> str:
    return " | ".join(f"nn.{kind}" for kind in sorted(kinds))


def _choice(module: str, branches: Sequence[tuple[set[str], list[str]]]) -> list[str]:
    """`if isinstance(…)` and `elif`, one branch a kind of layer."""
    lines = []
    for position, (kinds, body) in enumerate(branches):
        lines.append(f"{'elif' if position else 'if'} isinstance({module}, {_classes(kinds)}):")
        lines += _indented(body)
    return lines


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def keras_body(networks: Sequence[ir.Network]) -> list[str]:
    """The function that sets weights as Keras does, with the branches that these models need.

    Source: the defaults of `keras.layers`: Glorot uniform kernels, orthogonal recurrent kernels,
    zero biases but for 1 at an LSTM's forget gate, embeddings evenly from -0.05 to 0.05. A kernel
    of all gates is drawn whole, so its fan out is 4 units, not one.
    """
    found = [step for network in networks for step in _under_keras(network)]
    plain, recurrent = _kinds(iter(found))
    tables, plain = plain & EMBEDDINGS, plain - EMBEDDINGS
    branches = []
    if plain:
        biases = {s.arguments.get("bias", True) for s in found if s.layer.name in plain}
        body = ["nn.init.xavier_uniform_(module.weight)"]
        if biases == {True}:
            body.append("nn.init.zeros_(module.bias)")
        elif biases != {False}:
            body += ["if module.bias is not None:", "    nn.init.zeros_(module.bias)"]
        branches.append((plain, body))
    if tables:
        even = "nn.init.uniform_(module.weight, -0.05, 0.05)"
        padded = any(map(_is_padded, found))
        branches.append((tables, [even, *(_padding("module") if padded else [])]))
    if recurrent:
        branches.append((recurrent, _keras_over_time(recurrent, found)))
    return _choice("module", branches)


def _keras_over_time(recurrent: set[str], found: Sequence[ir.LayerStep]) -> list[str]:
    lines = [
        'if "weight_ih" in name:',
        "    nn.init.xavier_uniform_(weight)",
        'elif "weight_hh" in name:',
        "    nn.init.orthogonal_(weight)",
    ]
    biased = [s.layer.name for s in found if s.layer.name in GATES and s.arguments["bias"]]
    if biased:
        lines += ["else:", "    nn.init.zeros_(weight)"]
    if "LSTM" in biased:
        kind = "" if recurrent == {"LSTM"} else " and isinstance(module, nn.LSTM)"
        lines += [
            f'if "bias_ih" in name{kind}:',
            "    forget = slice(module.hidden_size, 2 * module.hidden_size)",
            "    nn.init.ones_(weight[forget])",
        ]
    return ["for name, weight in module.named_parameters():", *_indented(lines)]


def _under_keras(network: ir.Network) -> Iterator[ir.LayerStep]:
    """The layers that the function of Keras' weights is applied to."""
    if network.init is not None and network.init.name == KERAS:
        yield from layers(network)
        return
    for step in ir.every(network.steps):
        if isinstance(step, ir.BlockStep):
            yield from _under_keras(step.body)
        elif isinstance(step, ir.LayerStep) and step.init is not None and step.init.name == KERAS:
            yield step


def needs_keras(networks: Sequence[ir.Network]) -> bool:
    """Whether any layer of these models is set as in Keras."""
    return any(True for network in networks for _ in _under_keras(network))


def own(
    network: ir.Network,
    attributes: Mapping[str, str],
    inner: Callable[[ir.BlockStep], tuple[ir.Network, Mapping[str, str]]],
    keras: str,
    taken: frozenset[str],
    path: str = "self",
) -> Iterator[str]:
    """The statements of all layers with an `init` of their own, below a module.

    Those inside blocks are set by the blocks, unless the model's `init` came over them.
    """
    seen: set[str] = set()
    for step in network.steps:
        if not isinstance(step, ir.LayerStep | ir.BlockStep) or step.attribute in seen:
            continue
        seen.add(step.attribute)
        if isinstance(step, ir.LayerStep):
            if step.init is not None:
                yield from of_layer(step, f"{path}.{attributes[step.attribute]}", keras, taken)
        elif path != "self" or network.init is not None:
            body, names = inner(step)
            place = f"{path}.{attributes[step.attribute]}" if step.attribute in attributes else ""
            yield from own(body, names, inner, keras, taken, place)


def in_blocks(
    network: ir.Network,
    inner: Callable[[ir.BlockStep], tuple[ir.Network, Mapping[str, str]]],
    classes: Callable[[ir.BlockStep], str],
    keras: str,
    taken: frozenset[str],
) -> list[str] | None:
    """How blocks set their own weights, where a model's `init` went over them: class by class.

    None where no statement can say it: it would have to know in which turn a block was made.
    """
    module = _free("module", taken)
    found: dict[str, list[str]] = {}

    def walk(steps: tuple[ir.TypedStep, ...], counted: frozenset[str]) -> bool:
        for step in ir.every(steps):
            if isinstance(step, ir.Turns):
                counted |= {*step.names, *step.lets, *(size[0] for size in step.sizes)}
        for step in ir.every(steps):
            if not isinstance(step, ir.BlockStep) or not any(e.init for e in layers(step.body)):
                continue
            body, names = inner(step)
            lines = []
            for each in body.steps:
                if isinstance(each, ir.LayerStep) and each.init is not None:
                    path = f"{module}.{names[each.attribute]}"
                    lines += of_layer(each, path, keras, taken)
            if any(
                isinstance(each, ir.Turns | ir.Choice)
                and any(getattr(e, "init", None) for e in ir.every((each,)))
                for each in body.steps
            ):
                return False
            if lines and found.setdefault(classes(step), lines) != lines:
                return False
            if counted & words(*lines) or not walk(body.steps, counted):
                return False
        return True

    loops = [each for each in network.steps if isinstance(each, ir.Turns | ir.Choice)]
    if any(isinstance(e, ir.LayerStep) and e.init is not None for e in ir.every(tuple(loops))):
        return None
    if not walk(network.steps, frozenset()):
        return None
    kinds: dict[tuple[str, ...], list[str]] = {}
    for name, lines in found.items():
        kinds.setdefault(tuple(lines), []).append(name)
    branches = []
    for position, (body, names) in enumerate(kinds.items()):
        word = "elif" if position else "if"
        branches.append(f"    {word} isinstance({module}, {' | '.join(names)}):")
        branches += _indented(_indented(body))
    return ["\n".join([f"for {module} in self.modules():", *branches])] if branches else []
