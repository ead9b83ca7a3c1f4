"""Losses, optimizers, metrics, sources and data steps: one record each."""
