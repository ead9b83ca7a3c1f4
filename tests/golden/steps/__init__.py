# -*- coding: utf-8 -*-
"""Compiled from steps.dl."""
