"""The rules of what members may ask for."""
