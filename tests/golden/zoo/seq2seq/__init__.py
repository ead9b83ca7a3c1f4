"""Compiled from seq2seq.dl."""
