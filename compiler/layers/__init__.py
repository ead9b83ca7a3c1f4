"""Layers and functions of tensors: one record each."""

from .activation import ACTIVATIONS
from .added import ADDED
from .algebra import ALGEBRA
from .attention import ATTENTION
from .axes import AXES
from .binary import BINARY
from .cells import CELLS
from .complex_numbers import COMPLEX_NUMBERS
from .contraction import CONTRACTIONS
from .convolution import CONVOLUTIONS
from .creation import CREATIONS
from .cumulative import CUMULATIVES
from .derivative import DERIVATIVES
from .diagonals import DIAGONALS
from .distance import DISTANCES
from .dot_product import DOT_PRODUCT
from .dropout import DROPOUTS
from .elementwise import ELEMENTWISE
from .embedding import EMBEDDINGS
from .expanding import EXPANDING
from .folding import FOLDS
from .fourier import FOURIER
from .gate import GATES
from .grids import GRIDS
from .joining import JOINING
from .layer_norm import LAYER_NORMS
from .linear import LINEAR
from .normalization import NORMALIZATIONS
from .ordering import ORDERING
from .packed import PACKED
from .padding import PADDING
from .pooling import POOLS
from .products import PRODUCTS
from .record import Layer
from .recurrent import RECURRENT
from .reduction import REDUCTIONS
from .resampling import RESAMPLING
from .selecting import SELECTING
from .shape import SHAPES
from .softmax import SOFTMAXES
from .splitting import SPLITTING
from .ternary import TERNARY
from .transformer import TRANSFORMERS
from .transposed import TRANSPOSED
from .unpooling import UNPOOLS

RECORDS = (
    *DERIVATIVES,
    *LINEAR,
    *EMBEDDINGS,
    *CONVOLUTIONS,
    *TRANSPOSED,
    *RECURRENT,
    *CELLS,
    *PACKED,
    *ATTENTION,
    *DOT_PRODUCT,
    *TRANSFORMERS,
    *POOLS,
    *UNPOOLS,
    *FOLDS,
    *PADDING,
    *RESAMPLING,
    *GRIDS,
    *PRODUCTS,
    *ADDED,
    *CONTRACTIONS,
    *ALGEBRA,
    *FOURIER,
    *COMPLEX_NUMBERS,
    *NORMALIZATIONS,
    *LAYER_NORMS,
    *DROPOUTS,
    *ACTIVATIONS,
    *GATES,
    *SOFTMAXES,
    *DISTANCES,
    *ELEMENTWISE,
    *BINARY,
    *CUMULATIVES,
    *REDUCTIONS,
    *TERNARY,
    *SHAPES,
    *AXES,
    *EXPANDING,
    *JOINING,
    *SPLITTING,
    *SELECTING,
    *ORDERING,
    *DIAGONALS,
    *CREATIONS,
)
LAYERS: dict[str, Layer] = {record.name: record for record in RECORDS}
