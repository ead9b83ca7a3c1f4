"""The data of sentiment.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Csv
from dlc.runtime.splits import stratified_split
from dlc.runtime.texts import Pad, Vocabulary, Words

reviews = Dataset(
    source=Csv("sentiment/uci_sentences.csv"),
    fields={
        "tokens": Field(
            "text",
            Words(),
            Vocabulary(1000),
            Pad(40, side="left"),
            tokens=1000,
            shape=(40,),
        ),
        "label": Field("label", labels=("negative", "positive")),
    },
    split=stratified_split("label", train=0.8, test=0.2),
)
