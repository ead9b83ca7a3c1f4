"""Compiled from hyperparameters.dl."""
