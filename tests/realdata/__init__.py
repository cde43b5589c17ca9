"""The main job on real input, from an empty database to the scorecard, against an oracle."""
