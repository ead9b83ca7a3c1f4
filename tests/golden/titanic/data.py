"""The data of titanic.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.categories import Categories, OneHot
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Csv
from dlc.runtime.splits import k_fold
from dlc.runtime.steps import Impute, Standardize

passengers = Dataset(
    source=Csv("tabular/titanic_train.csv"),
    fields={
        "person": Field(
            ["Age", "Fare", "SibSp", "Parch"],
            Impute("median"),
            Standardize(),
            shape=(4,),
        ),
        "sex": Field("Sex", Categories("female", "male"), OneHot(2), shape=(2,)),
        "ticket": Field("Pclass", Categories("1", "2", "3"), OneHot(3), shape=(3,)),
        "survived": Field("Survived", labels=("died", "survived")),
    },
    split=k_fold(5, stratify="survived"),
)
