# -*- coding: utf-8 -*-
"""Compiled from scores.dl."""
