"""What clients of others expect of us, tested with these clients."""
