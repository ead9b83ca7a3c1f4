"""Initial weights as statements of `model.py`: of one layer, of a model, and as in Keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .. import ir
from ..layers.initial import INITIALIZERS, KERAS, kernels
from ..layers.recurrent import GATES
from .headers import words
from .text import call, quote

Quote = Callable[[Any], str]


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
    lines = [_set(init, f"{path}.{each}") for each in kernels(_weights(step))]
    padding = step.arguments.get("padding_idx")
    if padding is not None:
        lines.append(f"nn.init.zeros_({path}.weight[{quote(padding)}])")
    return lines


def _free(name: str, taken: frozenset[str]) -> str:
    while name in taken:
        name += "_"
    return name


def of_model(network: ir.Network, keras: str, taken: frozenset[str]) -> list[str]:
    """How the weights of a whole model are set by its `init`."""
    init = network.init
    if init is None:
        return []
    if init.name == KERAS:
        return [f"self.apply({keras})"]
    module, weight = _free("module", taken), _free("weight", taken)
    name = _free("name", taken)
    plain, recurrent, padded = _kinds(layers(network))
    branches = []
    if plain:
        body = [_set(init, f"{module}.weight")]
        branches.append((plain, body))
    if padded:
        body = [_set(init, f"{module}.weight"), *_padding(module)]
        branches.append(({"Embedding"}, body))
    if recurrent:
        inner = [f'if "weight" in {name}:', f"    {_set(init, weight)}"]
        loop = f"for {name}, {weight} in {module}.named_parameters():"
        branches.append((recurrent, [loop, *(f"    {each}" for each in inner)]))
    if not branches:
        return []
    lines = [f"for {module} in self.modules():", *_indented(_choice(module, branches))]
    return ["\n".join(lines)]


def _kinds(found: Iterator[ir.LayerStep]) -> tuple[set[str], set[str], bool]:
    """Classes whose weight is set, those over time, and whether embeddings have a padding row."""
    plain: set[str] = set()
    recurrent: set[str] = set()
    padded = False
    for step in found:
        name = step.layer.name
        if name in GATES:
            recurrent.add(name)
        elif any(len(shape) > 1 for shape in kernels(_weights(step)).values()):
            plain.add(name)
            padded |= step.arguments.get("padding_idx") is not None
    return plain - ({"Embedding"} if padded else set()), recurrent, padded


def _padding(module: str) -> list[str]:
    return [
        f"if {module}.padding_idx is not None:",
        f"    nn.init.zeros_({module}.weight[{module}.padding_idx])",
    ]


def _choice(module: str, branches: Sequence[tuple[set[str], list[str]]]) -> list[str]:
    """`if isinstance(…)` and `elif`, one branch a kind of layer."""
    lines = []
    for position, (kinds, body) in enumerate(branches):
        classes = " | ".join(f"nn.{kind}" for kind in sorted(kinds))
        lines.append(f"{'elif' if position else 'if'} isinstance({module}, {classes}):")
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
    plain, recurrent, padded = _kinds(iter(found))
    plain -= {"Embedding"}
    branches = []
    if plain:
        biases = {s.arguments.get("bias", True) for s in found if s.layer.name in plain}
        body = ["nn.init.xavier_uniform_(module.weight)"]
        if biases == {True}:
            body.append("nn.init.zeros_(module.bias)")
        elif biases != {False}:
            body += ["if module.bias is not None:", "    nn.init.zeros_(module.bias)"]
        branches.append((plain, body))
    if any(step.layer.name == "Embedding" for step in found):
        even = "nn.init.uniform_(module.weight, -0.05, 0.05)"
        branches.append(({"Embedding"}, [even, *(_padding("module") if padded else [])]))
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
