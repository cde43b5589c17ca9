"""The code of an exported notebook, one module a cell.

These modules are not called here: `app.exporting.notebook.sources` puts their text into the cells
of a notebook, without the imports of one another. So that it runs where Tierlift is not installed,
and checks Tierlift instead of repeating it, nothing here may use any other part of Tierlift; the
methods are written out from their definitions, or taken from SciPy and statsmodels.
"""
