"""Compiled from ft_transformer.dl."""
