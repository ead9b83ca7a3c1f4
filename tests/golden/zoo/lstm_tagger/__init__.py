"""Compiled from lstm_tagger.dl."""
