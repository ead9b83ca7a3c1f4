# -*- coding: utf-8 -*-
"""Compiled from fashion.dl."""
