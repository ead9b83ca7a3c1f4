# -*- coding: utf-8 -*-
"""Compiled from unet.dl."""
