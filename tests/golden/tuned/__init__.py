# -*- coding: utf-8 -*-
"""Compiled from tuned.dl."""
