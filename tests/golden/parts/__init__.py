# -*- coding: utf-8 -*-
"""Compiled from parts.dl."""
