# -*- coding: utf-8 -*-
"""Compiled from hyperparameters.dl."""
