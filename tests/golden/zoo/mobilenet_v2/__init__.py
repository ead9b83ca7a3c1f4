# -*- coding: utf-8 -*-
"""Compiled from mobilenet_v2.dl."""
