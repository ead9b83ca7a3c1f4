"""Several trainings in one run: what those before left, and which a run that goes on is past."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .artifacts import ArtifactError, save_weights
from .dataset import Splits
from .resuming import fitted, give_back
from .snapshots import States, states

__all__ = ["Order", "part_of"]


class Order:
    """The trainings of a run, one after the other; with one alone all of it stays as it begins.

    `name` is that of the training on its way, `models` are those of all trainings so far, and
    `results` what each has measured. `over` tells that the run goes on behind this training: its
    models are built and get their state back, and nothing is trained or measured again.
    """

    def __init__(self) -> None:
        self.name = ""
        self.over = False
        self.models: dict[str, nn.Module] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.learned: dict[str, Any] = {}
        self.held: dict[str, list[dict[str, Tensor]]] = {}
        self._fitted: dict[str, str] = {}
        self._best: States = {}
        self._start: list[dict[str, Tensor]] = []
        self._threads = torch.get_num_threads()
        self._deterministic = torch.are_deterministic_algorithms_enabled()

    def begin(self, name: str, saved: Mapping[str, Any] | None) -> None:
        """The next training begins; nothing of the one before is left but its models.

        Raises ArtifactError where a checkpoint knows no training of this name.
        """
        torch.set_num_threads(self._threads)
        torch.use_deterministic_algorithms(self._deterministic)
        for model in self.models.values():
            model.zero_grad()
        self.name, self.over, self._start = name, False, []
        if saved is None:
            self.results[name] = {}
            return
        order = saved["order"]
        self.over = name in order["results"] and name != order["name"]
        if not self.over and name != order["name"]:
            raise ArtifactError(
                f"What was saved knows no training `{name}`.",
                "Start a new run, without --resume.",
            )
        self.results[name] = dict(order["results"][name])
        if self.over:
            self.learned[name] = order["learned"][name]
            self.held[name] = order["held"][name]
            self._fitted[name] = order["fitted"][name]
        else:
            self._best = order["best"]

    def give_back(
        self, saved: Mapping[str, Any], data: Splits, models: Mapping[str, nn.Module]
    ) -> None:
        """Of a training that is over: its models get the state that they had come to since."""
        found = {**saved["order"]["models"], **saved["parts"]}
        give_back({"fitted": self._fitted[self.name], "parts": found}, data, models)

    def folds(self, count: int, saved: Mapping[str, Any] | None) -> list[int | None]:
        """The folds that are still to be trained, and None at last, for all records."""
        order = [*range(1, count + 1), None]
        if self.over:
            return [None]
        at = saved["fold"] if saved is not None else None
        return order[order.index(at) :] if saved is not None and at in order else order

    def part(self, fold: int | None) -> dict[str, Any]:
        """Which training and fold this is, where there are several: so `metrics.jsonl` says it."""
        training = {"training": self.name} if self.name else {}
        return training | ({} if fold is None else {"fold": fold})

    def told(self, fold: int | None) -> str:
        """The same in words, behind an epoch."""
        return "".join(f" of {name} {value}" for name, value in self.part(fold).items())

    def file(self, fold: int | None) -> str:
        """The same before the name of a file."""
        training = f"{self.name}-" if self.name else ""
        return training + (f"fold-{fold}-" if fold is not None else "")

    def start(
        self, models: Sequence[nn.Module], saved: Mapping[str, Any] | None
    ) -> list[dict[str, Tensor]]:
        """What the models were when this training began, for each of its folds."""
        now = ({name: each.clone() for name, each in m.state_dict().items()} for m in models)
        going_on = saved is not None and not self.over and self.name
        self._start = saved["order"]["start"] if saved and going_on else list(now)
        return self._start

    def end(self, data: Splits | None, best: States, held: list[dict[str, Tensor]]) -> None:
        """The training is over: what checkpoints and predictions need of it is noted."""
        if self.name and data is not None:
            self.learned[self.name] = data.dataset.state()
            self._fitted[self.name] = fitted(data)
            self.held[self.name] = held

    def weights(self, now: States) -> States:
        """The weights of all models so far; `now` has those of the training on its way."""
        others = {name: each for name, each in self.models.items() if name not in now}
        return {**states(others), **now}

    def keep_best(self, path: Path, now: Collection[str], held: States) -> None:
        """Save the best weights of all models so far; of the models `now` those that are `held`.

        A model that is trained again has none of before.
        """
        kept = {name: each for name, each in self._best.items() if name not in now}
        self._best = {**kept, **held}
        if self._best:
            save_weights(path, self._best)
        else:
            path.unlink(missing_ok=True)

    def data(self, learned: Any) -> Any:
        """What data.json holds: what the steps have learned, where several train by training."""
        return {**self.learned, self.name: learned} if self.name else learned

    def state_dict(self, parts: Iterable[str]) -> dict[str, Any]:
        """What a checkpoint needs besides the `parts` of the training on its way."""
        if not self.name:
            return {}
        others = {name: each for name, each in self.models.items() if name not in parts}
        return {
            "name": self.name,
            "models": states(others),
            "results": self.results,
            "learned": self.learned,
            "held": self.held,
            "fitted": self._fitted,
            "best": self._best,
            "start": self._start,
        }


def part_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Which training and fold an epoch of `metrics.jsonl` is of."""
    return {name: entry[name] for name in ("training", "fold") if name in entry}
