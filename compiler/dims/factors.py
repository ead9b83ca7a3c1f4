"""A number as the product that a person would recognise."""

from __future__ import annotations

from collections.abc import Iterable
from math import isqrt

COLOURS = 3  # the channels of a picture
LARGEST = 10_000  # larger prime factors are not searched for


def factors(number: int, known: Iterable[int] = ()) -> str:
    """`32*7*7` for 1568. Factors in `known` (channels, say) are taken first, where they divide.

    A square, also one times three, is written as a picture's sides: 784 is `28*28`, 150528 is
    `3*224*224`; otherwise the twos make one factor and the odd primes one each.
    """
    words: list[int] = []
    rest = number
    for factor in known:
        if factor > 1 and rest > 0 and rest % factor == 0:
            words.append(factor)
            rest //= factor
    words += _plain(rest) if rest > 1 else []
    return "*".join(map(str, words)) if words else str(number)


def _plain(number: int) -> list[int]:
    for channels in (1, COLOURS):
        side = isqrt(number // channels)
        if side > 1 and side * side * channels == number:
            return [channels, side, side] if channels > 1 else [side, side]
    twos = number & -number
    found = [twos] if twos > 1 else []
    number //= twos
    prime = 3
    while prime * prime <= number and prime <= LARGEST:
        while number % prime == 0:
            found.append(prime)
            number //= prime
        prime += 2
    return [*found, number] if number > 1 else found
