"""The data of cats_dogs.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.image_folder import ImageFolder
from dlc.runtime.pictures import Resize
from dlc.runtime.steps import Scale

pets = Dataset(
    source=ImageFolder(train="cats_dogs/train", test="cats_dogs/val"),
    fields={
        "image": Field("image", Resize(64, 64), Scale(1 / 255), shape=(3, 64, 64)),
        "label": Field("label", labels=("cats", "dogs")),
    },
)
