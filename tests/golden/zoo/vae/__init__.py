"""Compiled from vae.dl."""
