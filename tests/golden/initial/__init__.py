# -*- coding: utf-8 -*-
"""Compiled from initial.dl."""
