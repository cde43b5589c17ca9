"""What the plan's rule makes of the results: a verdict as data, worded elsewhere."""
