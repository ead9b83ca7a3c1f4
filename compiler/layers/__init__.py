"""Layers and functions of tensors: one record each."""

from .activation import ACTIVATIONS
from .convolution import CONVOLUTIONS
from .creation import CREATIONS
from .elementwise import ELEMENTWISE
from .joining import JOINING
from .linear import LINEAR
from .normalization import NORMALIZATIONS
from .pooling import POOLS
from .record import Layer
from .recurrent import RECURRENT
from .shape import SHAPES

RECORDS = (
    *LINEAR,
    *CONVOLUTIONS,
    *RECURRENT,
    *POOLS,
    *NORMALIZATIONS,
    *ACTIVATIONS,
    *ELEMENTWISE,
    *SHAPES,
    *JOINING,
    *CREATIONS,
)
LAYERS: dict[str, Layer] = {record.name: record for record in RECORDS}
