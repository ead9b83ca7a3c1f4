"""Compiled from dcgan.dl."""
