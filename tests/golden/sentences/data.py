"""The data of sentences.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal
from dlc.runtime.texts import Pad, Vocabulary, Words

sentences = Dataset(
    source=Literal(
        tokens=["I love this movie", "I hate this movie"],
        label=["positive", "negative"],
    ),
    fields={
        "tokens": Field(
            "tokens",
            Words(),
            Vocabulary(1000),
            Pad(5, side="left"),
            tokens=1000,
            shape=(5,),
        ),
        "label": Field("label", labels=("negative", "positive")),
    },
)
