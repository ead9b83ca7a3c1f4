"""Layers and functions of tensors: one record each."""

from .activation import ACTIVATIONS
from .convolution import CONVOLUTIONS
from .linear import LINEAR
from .normalization import NORMALIZATIONS
from .pooling import POOLS
from .record import Layer
from .shape import SHAPES

RECORDS = (*LINEAR, *CONVOLUTIONS, *POOLS, *NORMALIZATIONS, *ACTIVATIONS, *SHAPES)
LAYERS: dict[str, Layer] = {record.name: record for record in RECORDS}
