# -*- coding: utf-8 -*-
"""Compiled from flats.dl."""
