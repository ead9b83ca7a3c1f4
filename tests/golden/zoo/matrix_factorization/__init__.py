"""Compiled from matrix_factorization.dl."""
