"""torch's optimizers under torch's names, without the import of `torch._dynamo`.

Methods of `torch.optim` are decorated for torch's compiler, and the first call of one imports
`torch._dynamo`, which takes as long as `import torch` itself, also where nothing is compiled.
These subclasses have the undecorated methods, with results equal to torch's bit for bit, and
take the fused implementation where there is one, unless the caller states `fused` or `foreach`
(gradients that are sparse need `fused=False`). Where the installed torch decorates in another
way than the known one, the names here are torch's own classes.

Not here are `LBFGS`, which computes the loss several times a step, and `SparseAdam`, which wants
sparse gradients that no layer here gives.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import torch
from torch.optim import Optimizer

Kind = TypeVar("Kind", bound=Optimizer)
Method = Callable[..., Any]

DECORATED = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


def undecorated(method: Method | None, decorator: str) -> Method | None:
    """What `method` is under the one decorator whose code has that name; None if it is not so."""
    while hasattr(method, "hooked"):  # torch adds this layer when the first instance is made
        method = getattr(method, "__wrapped__", None)
    code = getattr(method, "__code__", None)
    inner: Method | None = getattr(method, "__wrapped__", None)
    known = code is not None and code.co_name == decorator and not hasattr(inner, "__wrapped__")
    return inner if known else None


def light(kind: type[Kind]) -> type[Kind]:
    """A subclass of `kind` which never imports `torch._dynamo`, or `kind` if that cannot be had."""
    bare_step = undecorated(kind.step, "_use_grad") or undecorated(kind.step, "decorate_context")
    methods = {name: undecorated(getattr(kind, name, None), "inner") for name in DECORATED}
    if bare_step is None or None in methods.values():
        return kind
    signature = inspect.signature(kind)
    can_choose = "fused" in signature.parameters

    @functools.wraps(bare_step)
    def step(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(self.defaults.get("differentiable", False)):
            return bare_step(self, *args, **kwargs)

    @functools.wraps(kind.__init__)
    def init(self: Kind, params: Any, *args: Any, **kwargs: Any) -> None:
        if can_choose and not chosen(signature, args, kwargs):
            params = materialized(params)
            if fusible(made, params):
                kwargs["fused"] = True
        kind.__init__(self, params, *args, **kwargs)

    namespace = {"__module__": __name__, "__doc__": kind.__doc__, "step": step, "__init__": init}
    made = cast(type[Kind], type(kind.__name__, (kind,), methods | namespace))
    return made


def chosen(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether these arguments settle which implementation runs, so that none is to be picked."""
    given = signature.bind_partial(None, *args, **kwargs).arguments
    stated = any(given.get(name) is not None for name in ("fused", "foreach"))
    return stated or any(given.get(name) for name in ("differentiable", "capturable"))


def materialized(params: Any) -> Any:
    """Parameters that can be looked at and still be handed on: generators become lists."""
    if isinstance(params, torch.Tensor):  # torch refuses it in its own words, and sets in groups
        return params
    listed = list(params)
    for group in listed:
        if isinstance(group, dict) and not isinstance(group["params"], torch.Tensor | set):
            group["params"] = list(group["params"])
    return listed


def tensors(params: Any) -> Iterable[torch.Tensor]:
    """Every tensor among materialized parameters, whether named, grouped or plain."""
    for entry in [params] if isinstance(params, torch.Tensor) else params:
        match entry:
            case dict():
                yield from tensors(entry["params"])
            case (_, torch.Tensor() as named):
                yield named
            case torch.Tensor():
                yield entry


def fusible(kind: Callable[..., Optimizer], params: Any) -> bool:
    """Whether `kind` has a fused implementation for the device and dtype of every parameter."""
    places = {(tensor.device, tensor.dtype) for tensor in tensors(params)}
    return all(fuses(kind, device, dtype) for device, dtype in places)


@functools.cache
def fuses(kind: Callable[..., Optimizer], device: torch.device, dtype: torch.dtype) -> bool:
    """Whether a fused step works there, found by taking one: torch has no public question."""
    probe = torch.zeros(1, device=device, dtype=dtype)
    probe.grad = torch.zeros_like(probe)
    try:
        kind([probe], fused=True).step()
    except RuntimeError:
        return False
    return True


SGD = light(torch.optim.SGD)
Adam = light(torch.optim.Adam)
AdamW = light(torch.optim.AdamW)
RMSprop = light(torch.optim.RMSprop)
Adagrad = light(torch.optim.Adagrad)
Adadelta = light(torch.optim.Adadelta)
Adamax = light(torch.optim.Adamax)
NAdam = light(torch.optim.NAdam)
RAdam = light(torch.optim.RAdam)
ASGD = light(torch.optim.ASGD)
Rprop = light(torch.optim.Rprop)
Adafactor = light(torch.optim.Adafactor)
if hasattr(torch.optim, "Muon"):  # since torch 2.9
    Muon = light(torch.optim.Muon)
