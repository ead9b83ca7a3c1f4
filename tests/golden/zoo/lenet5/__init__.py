"""Compiled from lenet5.dl."""
