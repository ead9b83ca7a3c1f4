"""Compiled from unet.dl."""
