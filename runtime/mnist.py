"""The source `mnist`: four IDX files, found on this machine or downloaded."""

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .download import PATIENCE, Patience, Progress, Published, download
from .errors import DataError
from .idx import Bytes, as_array, idx_header, read_file


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """A published collection of images in four IDX files, and where copies of it may lie."""

    name: str
    folder: str  # below DLC_DATA_DIR, the spec's folder and the cache
    aliases: tuple[str, ...]  # other names of that folder
    bare: bool  # whether the files may lie in the spec's folder or DLC_DATA_DIR itself
    image: tuple[int, int]  # height, width in pixels
    mirrors: tuple[str, ...]  # addresses that stand before `<file>.gz`
    files: tuple[Published, ...]  # training images and labels, test images and labels
    torchvision: str  # below the `root` given to torchvision
    keras: str  # below KERAS_HOME/datasets: a folder, or an .npz with x_train, y_train, ...


@dataclass(frozen=True, slots=True)
class MnistParts:
    """The two parts of the collection, all arrays u8 and writable.

    Images are [N, 28, 28] with 0 as background, labels [N]; `place` is the folder or file that
    they were read from, `note` a sentence where it is not the whole collection.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    place: str
    note: str = ""


MNIST = ImageRecord(
    name="mnist",
    folder="mnist",
    aliases=(),
    bare=True,
    image=(28, 28),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ),
    files=(
        Published(
            "train-images-idx3-ubyte",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        Published(
            "train-labels-idx1-ubyte",
            60_008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        Published(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        Published(
            "t10k-labels-idx1-ubyte",
            10_008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    torchvision="MNIST/raw",
    keras="mnist.npz",
)
FASHION_MNIST = ImageRecord(
    name="fashion_mnist",
    folder="fashion-mnist",
    aliases=("fashion_mnist", "fashion-mnist-subset"),
    bare=False,  # the names of the files are those of mnist
    image=(28, 28),
    mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    files=(
        Published("train-images-idx3-ubyte", 47_040_016, md5="8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        Published("train-labels-idx1-ubyte", 60_008, md5="25c81989df183df01b3e8a0aad5dffbe"),
        Published("t10k-images-idx3-ubyte", 7_840_016, md5="bef4ecab320f06d8554ea6380940ec79"),
        Published("t10k-labels-idx1-ubyte", 10_008, md5="bb300cfdad3c16e7a12a480ee83cd310"),
    ),
    torchvision="FashionMNIST/raw",
    keras="fashion-mnist",
)

# RuntimeError: an encrypted archive, or one packed in a way that `zipfile` does not know.
ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
NPZ_FAULTS = (OSError, ValueError, KeyError, *ZIP_FAULTS)


def load_mnist(
    path: str | None,
    folders: Sequence[str | Path],
    progress: Progress | None = None,
    *,
    record: ImageRecord = MNIST,
    patience: Patience = PATIENCE,
) -> MnistParts:
    """Read the collection from the first place that has it; download it where none has.

    `path` is what the spec gives, relative to each of `folders`; then nothing else is looked at.
    Files that the user put somewhere may be a subset: they are checked for structure, and a fault
    in them is a DataError. Copies that other programs or the cache hold must be the published
    bytes, or are passed over.
    """
    searched: list[str] = []
    for place in _places_of_user(path, folders, record):
        if contents := _read_place(place, record):
            return _parts(contents, place, record)
        searched.append(f"  {place}")
    if path is not None:
        raise _not_there(path, searched, record)
    cache = cache_folder() / record.folder
    for place in (cache, *_copies(folders, record)):
        try:
            contents = _read_place(place, record)
            if contents and _all_published(place, contents, record):
                return _parts(contents, place, record)
            searched.append(f"  {place}" + (": not the published content" if contents else ""))
        except DataError as why:
            searched.append(f"  {place}: {why.message}")
    if os.environ.get("DLC_OFFLINE", "0") not in ("", "0"):
        raise _offline(folders, searched, record)
    return _parts(_downloaded(cache, record, progress, patience), cache, record)


def cache_folder() -> Path:
    """Where downloads are kept: DLC_CACHE_DIR, else dlc in XDG_CACHE_HOME or ~/.cache."""
    if own := os.environ.get("DLC_CACHE_DIR"):
        return _absolute(own)
    return _absolute(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "dlc"


def _places_of_user(
    path: str | None, folders: Sequence[str | Path], record: ImageRecord
) -> list[Path]:
    roots = _roots(folders)
    places: list[Path] = []
    if path is not None:
        for root in roots:
            given = root / os.path.expanduser(path)
            places += (given, given / record.torchvision)
        return list(dict.fromkeys(places))
    # The folder with the collection's name goes first: others have files of the same names.
    for root in roots:
        places += [root / name for name in (record.folder, *record.aliases)]
        places += [root] if record.bare else []
    return list(dict.fromkeys(places))


def _roots(folders: Sequence[str | Path]) -> list[Path]:
    own = os.environ.get("DLC_DATA_DIR")
    return [_absolute(folder) for folder in (*folders, *([own] if own else []))]


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(os.path.expanduser(path)))


def _copies(folders: Sequence[str | Path], record: ImageRecord) -> list[Path]:
    """Where torchvision and Keras may have left a copy."""
    roots = [*_roots(folders), Path.cwd()]
    roots += [*(root / "data" for root in roots), _absolute("~/data")]
    copies = [root / record.torchvision for root in roots]
    keras = _absolute(os.environ.get("KERAS_HOME") or "~/.keras")
    return list(dict.fromkeys([*copies, keras / "datasets" / record.keras]))


def _read_place(place: Path, record: ImageRecord) -> list[Bytes]:
    """The contents of the four files, in the record's order; none where the place has none."""
    if place.suffix == ".npz":
        return _read_npz(place) if os.path.isfile(place) else []
    found = {file.name: _find(place, file) for file in record.files}
    paths = [path for path in found.values() if path is not None]
    if not paths:
        return []
    if len(paths) < len(found):
        missing = ", ".join(name for name, path in found.items() if path is None)
        raise DataError(
            f"The folder {place} holds only a part of {record.name}: {missing} is missing.",
            "Put the missing files there too (as they are, or with .gz), or move the others away.",
            str(place),
        )
    # zlib and SHA-256 leave the interpreter to others while they work.
    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(read_file, paths))


def _find(folder: Path, file: Published) -> Path | None:
    # Some archives write `train-images.idx3-ubyte`.
    names = (file.name, file.name.replace("-idx", ".idx"))
    ends = (".gz", "") if file.md5 else ("", ".gz")
    choices: Iterator[Path] = (folder / (name + end) for end in ends for name in names)
    return next((choice for choice in choices if os.path.isfile(choice)), None)


def _read_npz(path: Path) -> list[Bytes]:
    """The arrays of Keras' file, written as the four IDX files would be."""
    contents = []
    try:
        # numpy leaves a file open that it cannot read, so it is opened here.
        with open(path, "rb") as file:
            arrays = np.load(file, allow_pickle=False)
            if not isinstance(arrays, np.lib.npyio.NpzFile):
                raise ValueError("it holds one array without a name")
            for name in ("x_train", "y_train", "x_test", "y_test"):
                array = arrays[name]
                if array.dtype != np.uint8 or array.ndim not in (1, 3):
                    raise ValueError(f"{name} is {array.dtype}{list(array.shape)}, not images")
                header = np.frombuffer(idx_header(array.shape), np.uint8)
                contents.append(np.concatenate([header, array.ravel()]))
    except NPZ_FAULTS as why:
        raise DataError(
            f"The file {path} cannot be read as the arrays of Keras: {why}.",
            "Replace the file with an undamaged copy, or remove it.",
            str(path),
        ) from why
    return contents


def _all_published(place: Path, contents: Sequence[Bytes], record: ImageRecord) -> bool:
    with ThreadPoolExecutor(len(contents)) as pool:
        packed = [_packed(place, file) for file in record.files]
        return all(pool.map(Published.matches, record.files, contents, packed))


def _packed(place: Path, file: Published) -> bytes:
    """The bytes of a file as it lies there, where it is told by them."""
    path = _find(place, file) if file.md5 else None
    return path.read_bytes() if path is not None else b""


def _parts(contents: Sequence[Bytes], place: Path, record: ImageRecord) -> MnistParts:
    train_images, train_labels, test_images, test_labels = (as_array(c) for c in contents)
    names = [file.name for file in record.files]
    _check_part(train_images, train_labels, names[:2], place, record)
    _check_part(test_images, test_labels, names[2:], place, record)
    note = ""
    if any(content.size != file.size for content, file in zip(contents, record.files, strict=True)):
        published = [file.size - len(idx_header((0,))) for file in record.files[1::2]]
        note = (
            f"{record.name} in {place} is not the whole collection: it has "
            f"{len(train_labels):,} + {len(test_labels):,} records of "
            f"{published[0]:,} + {published[1]:,}."
        )
    return MnistParts(train_images, train_labels, test_images, test_labels, str(place), note)


def _check_part(
    images: Bytes, labels: Bytes, names: Sequence[str], place: Path, record: ImageRecord
) -> None:
    wanted = ", ".join(map(str, record.image))
    if images.shape[1:] != record.image:
        fault = f"{names[0]} has the shape {list(images.shape)} where [N, {wanted}] is wanted"
    elif labels.ndim != 1:
        fault = f"{names[1]} has the shape {list(labels.shape)} where [N] is wanted"
    elif len(images) != len(labels):
        fault = f"{names[0]} holds {len(images):,} images, {names[1]} {len(labels):,} labels"
    elif len(images) == 0:
        fault = f"{names[0]} holds no images"
    else:
        return
    raise DataError(
        f"The files in {place} are not those of {record.name}: {fault}.",
        "Replace them with files that belong together, or move them away.",
        str(place),
    )


def _downloaded(
    cache: Path, record: ImageRecord, progress: Progress | None, patience: Patience
) -> list[Bytes]:
    """The four files, each from the cache where it is whole there, else from a mirror."""
    mirrors = list(record.mirrors)
    contents = []
    for file in record.files:
        content = _cached(cache, file)
        if content is None:
            content, good = download(file, mirrors, cache, progress, patience)
            # The others failed just now; for the next file they are asked last.
            split = mirrors.index(good)
            mirrors = mirrors[split:] + mirrors[:split]
        contents.append(content)
    return contents


def _cached(cache: Path, file: Published) -> Bytes | None:
    path = _find(cache, file)
    if path is None:
        return None
    try:
        content = read_file(path)
    except DataError:
        return None
    return content if file.matches(content, _packed(cache, file)) else None


def _not_there(path: str, searched: Sequence[str], record: ImageRecord) -> DataError:
    places = "\n".join(searched)
    return DataError(
        f"The data set {record.name} is not at {path}. These places were searched:\n{places}",
        f"Put its four files there, or leave the path out: {record.name}() looks where they "
        "usually are, and downloads them.",
        searched[0].strip() if searched else path,
    )


def _offline(
    folders: Sequence[str | Path], searched: Sequence[str], record: ImageRecord
) -> DataError:
    files = "\n".join(f"  {file.name}" for file in record.files)
    places = "\n".join(searched)
    target = _places_of_user(None, folders, record) or [cache_folder() / record.folder]
    return DataError(
        f"The data set {record.name} is not on this machine, and DLC_OFFLINE forbids downloading "
        f"it.\nThese four files are wanted, as they are or with .gz:\n{files}\n"
        f"These places were searched:\n{places}",
        f"Put the files into {target[0]}, or name their folder: export DLC_DATA_DIR=FOLDER, or "
        "let them be downloaded: unset DLC_OFFLINE",
        str(target[0]),
    )
