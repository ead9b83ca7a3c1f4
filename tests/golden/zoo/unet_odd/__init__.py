"""Compiled from unet_odd.dl."""
