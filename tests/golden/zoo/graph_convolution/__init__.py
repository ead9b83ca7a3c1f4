"""Compiled from graph_convolution.dl."""
