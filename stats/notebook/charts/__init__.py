"""Plots of an analysis as Altair charts: one look, one palette, intervals always drawn."""
