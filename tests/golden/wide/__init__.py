# -*- coding: utf-8 -*-
"""Compiled from wide.dl."""
