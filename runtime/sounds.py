"""Sound files as numbers: one channel of floats from -1 to 1, at one rate, of one length."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from struct import error as StructFault
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray

from .errors import DataError, missing_package
from .table import Array
from .texts import Pad

Wave = NDArray[np.float32]

SUFFIXES = (".flac", ".ogg", ".wav")
SKIP = "Replace it with an undamaged sound, or leave such files out: `on_error = skip`"
FASTEST = 1_000_000  # samples a second; no sound has more
PCM, FLOATS, EXTENSIBLE = 1, 3, 0xFFFE  # kinds of WAV
UNKNOWN = 0xFFFFFFFF  # the length of what was written before its end was known
PIECE = 1 << 20  # samples that soundfile reads at a time
# The windowed sinc of `resampled`: crossings of zero on each side, and the window's beta.
CROSSINGS, BETA = 10, 5.0


class SoundFault(Exception):
    """Why a file cannot be read as a sound."""


def decoded(path: str | os.PathLike[str]) -> tuple[int, Wave]:
    """The rate in Hz of a file and its samples, the mean of its channels. Raises SoundFault.

    WAV is read here: whole numbers of 8 to 32 bits, divided by the greatest, and floats as they
    are. FLAC and OGG are read by soundfile; a DataError where it is not installed.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as why:
        raise SoundFault((why.strerror or str(why)).lower()) from why
    rate, channels = _wav(content) if content[:4] == b"RIFF" else _by_soundfile(path, content)
    if not 0 < rate <= FASTEST:
        raise SoundFault(f"it has {rate:,} samples a second")
    return rate, channels.mean(1, dtype=np.float32)


def _wav(content: bytes) -> tuple[int, Wave]:
    """Rate and samples [T, channels] of RIFF WAVE (Microsoft and IBM, 1991; extensible, 2001)."""
    if content[8:12] != b"WAVE":
        raise SoundFault("it has another content")
    form: tuple[int, int, int, int] | None = None
    place = 12
    try:
        while place + 8 <= len(content):
            name, size = unpack_from("<4sI", content, place)
            if name == b"fmt ":
                kind, channels, rate, _, _, bits = unpack_from("<HHIIHH", content, place + 8)
                if kind == EXTENSIBLE:
                    (kind,) = unpack_from("<H", content, place + 32)
                form = kind, channels, rate, bits
            elif name == b"data" and form is not None:
                body = content[place + 8 :] if size == UNKNOWN else content[place + 8 :][:size]
                if len(body) < size != UNKNOWN:
                    raise SoundFault("it is cut off")
                return form[2], _samples(body, form[0], form[1], form[3])
            place += 8 + size + size % 2
    except StructFault as why:
        raise SoundFault("it is cut off") from why
    raise SoundFault("it is cut off" if form else "it does not say what its samples are")


def _samples(body: bytes, kind: int, channels: int, bits: int) -> Wave:
    wide = bits // 8
    if not channels or bits % 8 or (kind, wide) not in KINDS:
        raise SoundFault(f"it is WAV of kind {kind} with {bits} bits and {channels} channels")
    frames = len(body) // (wide * channels)
    body = body[: frames * wide * channels]
    if wide == 3:
        # Three bytes become the upper three of four.
        four = np.zeros((frames * channels, 4), np.uint8)
        four[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        values = four.view("<i4").ravel()
    else:
        values = np.frombuffer(body, KINDS[kind, wide])
    if kind == PCM:
        least, middle = (128.0, 128) if wide == 1 else (2.0 ** (8 * values.itemsize - 1), 0)
        values = (values.astype(np.float64) - middle) / least
    return values.astype(np.float32).reshape(frames, channels)


KINDS = {
    (PCM, 1): "u1",
    (PCM, 2): "<i2",
    (PCM, 3): "u1",
    (PCM, 4): "<i4",
    (FLOATS, 4): "<f4",
    (FLOATS, 8): "<f8",
}


def _by_soundfile(path: str | os.PathLike[str], content: bytes) -> tuple[int, Wave]:
    if content[:4] not in (b"fLaC", b"OggS"):
        raise SoundFault("it has another content")
    try:
        import soundfile  # type: ignore[import-untyped, unused-ignore]
    # OSError: its own library of C is not there.
    except (ImportError, OSError) as why:
        raise missing_package(f"The sound {os.fspath(path)}", "soundfile", "audio") from why
    from io import BytesIO

    try:
        with soundfile.SoundFile(BytesIO(content)) as file:
            pieces = [np.empty((0, file.channels), np.float32)]
            # Piece by piece: a damaged header may announce any number.
            while len(piece := file.read(PIECE, dtype="float32", always_2d=True)):
                pieces.append(piece)
            return int(file.samplerate), np.concatenate(pieces)
    except (RuntimeError, ValueError) as why:
        text = str(getattr(why, "error_string", why)).rstrip(".")
        raise SoundFault(text[:1].lower() + text[1:]) from why


def resampled(wave: Wave, rate: int, wanted: int) -> Wave:
    """The sound at another rate: ceil(T * wanted / rate) samples.

    Each is a sum over the samples near it, weighted by a sinc that ends at the lower of both
    highest frequencies, in a Kaiser window (Smith, Digital Audio Resampling, 2002); beyond its
    ends the sound is 0.
    """
    shared = math.gcd(rate, wanted)
    up, down = wanted // shared, rate // shared
    if up == down or not len(wave):
        return wave
    weights, half = _filter(up, down)
    taps = 2 * half // up + 1
    edge = np.zeros(taps + 1)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([edge, wave, edge]), taps)
    found = np.empty(-(-len(wave) * up // down), np.float32)
    # On the grid of both rates sample k stands at k * up, and m of what is made at m * down: every
    # `up`-th of these has the same weights.
    for phase in range(min(up, len(found))):
        made = phase * down
        first = -((half - made) // up)
        places = made - (first + np.arange(taps)) * up + half
        own = np.where(places >= 0, weights[places], 0.0)
        some = found[phase::up]
        some[:] = windows[first + len(edge) :: down][: len(some)] @ own
    return found


def _filter(up: int, down: int) -> tuple[NDArray[np.float64], int]:
    """The weights on the grid of both rates, from -half to half."""
    half = CROSSINGS * max(up, down)
    ideal = np.sinc(np.arange(-half, half + 1) / max(up, down)) * np.kaiser(2 * half + 1, BETA)
    return ideal * (up / ideal.sum()), half


def padded(wave: Array, pad: Pad) -> Wave:
    """A sound [T] at the length of a step: cut, or filled with 0, at the step's side."""
    found = np.zeros(pad.length, np.float32)
    count = min(len(wave), pad.length)
    if count and pad.side == "left":
        found[-count:] = wave[-count:]
    elif count:
        found[:count] = wave[:count]
    return found


def heard(path: str | os.PathLike[str], rate: int, pad: Pad | None) -> Wave:
    """The sound of a file at a rate, and at a length if one is given. Raises DataError."""
    try:
        own, wave = decoded(path)
    except SoundFault as fault:
        raise unreadable(path, fault, "Replace it with an undamaged sound.") from fault
    wave = resampled(wave, own, rate)
    return wave if pad is None else padded(wave, pad)


@dataclass(frozen=True, slots=True)
class Sounds:
    """A column of sounds of any lengths, [T] each, all with `rate` samples a second."""

    waves: Sequence[Wave]
    paths: Sequence[str]
    rate: int

    def array(self, pad: Pad | None) -> Wave:
        """[N, 1, T]: one channel; a DataError where their lengths differ and no step mends it."""
        first = self.waves[0]
        for place, wave in enumerate(self.waves if pad is None else ()):
            if len(wave) != len(first):
                raise DataError(
                    f"The sounds have different lengths: {len(first):,} samples in "
                    f"{self.paths[0]}, {len(wave):,} in {self.paths[place]}.",
                    "Give them one: `sound -> pad(8000)`",
                    self.paths[place],
                )
        length = len(first) if pad is None else pad.length
        found = np.empty((len(self.waves), 1, length), np.float32)
        for place, wave in enumerate(self.waves):
            found[place, 0] = wave if pad is None else padded(wave, pad)
        return found


def unreadable(path: str | os.PathLike[str], fault: SoundFault, help: str) -> DataError:
    """What to say of a file that is no sound."""
    return DataError(
        f"The file {path} cannot be read as WAV, FLAC or OGG: {fault}.", help, str(path)
    )
