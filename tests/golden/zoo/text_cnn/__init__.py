"""Compiled from text_cnn.dl."""
