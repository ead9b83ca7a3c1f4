# -*- coding: utf-8 -*-
"""Compiled from gan.dl."""
