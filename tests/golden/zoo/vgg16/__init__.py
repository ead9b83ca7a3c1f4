"""Compiled from vgg16.dl."""
