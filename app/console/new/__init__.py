"""The guided form of a new campaign: from a template over its steps to the launch.

`form` has the values, `step` says what a step is, `steps` which there are, `judging` what is
refused and at which field, `showing` what every page shows, `starting` and `filling` the addresses;
one file a step has the rest.
"""
