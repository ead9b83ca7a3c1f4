"""The concrete syntax of `.dl` files: `dl.lark`, and the parse table built from it."""
