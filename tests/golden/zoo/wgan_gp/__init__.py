"""Compiled from wgan_gp.dl."""
